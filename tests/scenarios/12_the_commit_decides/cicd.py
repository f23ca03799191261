from jaypore_ci import jci

with jci.Pipeline() as p:
    p.job("Build", "make")
    if p.repo.branch == "main":
        p.job("Publish", "make publish", depends_on=["Build"])
    if p.repo.commit_message.contains("jci:release"):
        p.job("Release", "make release", depends_on="Build")
    if p.repo.branch == "develop":
        p.job("Never", "false")
