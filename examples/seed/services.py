from jaypore_ci import jci

# Services immediately return with a PASSED status
# If they exit with a Non ZERO code they are marked as FAILED, otherwise
# they are assumed to be PASSED
with jci.Pipeline() as p:
    with p.stage("Services", is_service=True):
        p.job("Mysql", None, image="mysql")
        p.job("Redis", None, image="redis")
        p.job("Api", "python3 -m src.run_api", image="python:3.11")
    with p.stage("Testing"):
        p.job("UnitTest", "python3 -m pytest -m unit_tests tests")
        p.job("IntegrationTest", "python3 -m pytest -m integration_tests tests")
        p.job("RegressionTest", "python3 -m pytest -m regression_tests tests")
