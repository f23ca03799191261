from jaypore_ci import jci

with jci.Pipeline() as p:

    with p.stage("build"):
        p.job("DockDev", f"docker build --target DevEnv -t {p.repo.sha}_dev .")

    with p.stage("checking", image=f"{p.repo.sha}_dev"):
        p.job( "IntTest", "run int_test.sh")
        p.job( "RegText", "bash regression_tests.sh", depends_on=["IntTest"])
        p.job( "FuzzTest", "bash fuzzy_tests.sh", depends_on=["IntTest", "RegText"])
