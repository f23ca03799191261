from jaypore_ci import jci

with jci.Pipeline() as p:
    with p.stage("build"):
        p.job("Bad", "false")
        p.job("Good", "true")
    with p.stage("check"):
        p.job("Never", "true")
        p.job("NeverNever", "true", depends_on=["Never"])
