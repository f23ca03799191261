from jaypore_ci import jci

with jci.Pipeline() as p:
    p.job("Build", "exit 3")
    p.job("Test", "true", depends_on=["Build"])
    p.job("Deploy", "true", depends_on=["Test"])
    p.job("Docs", "true")
