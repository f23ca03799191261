from jaypore_ci import jci

with jci.Pipeline(image="python:3.11", timeout=120) as p:
    with p.stage("Lint"):
        p.job("Syntax", "python3 -W error -m compileall -q -f greeter tests")
        p.job("Tabs", "! grep -rnP '\\t' --include='*.py' .")

    with p.stage("Build"):
        p.job("Stage", "mkdir -p build/app && cp -r greeter build/app/")
        p.job(
            "Package",
            # A job's own word in the report is what it writes to <job name>.txt
            "python3 -m zipapp build/app -o greeter.pyz -m greeter.__main__:main"
            " && echo $(wc -c <greeter.pyz) bytes >Package.txt",
            depends_on=["Stage"],
        )

    with p.stage("Test"):
        p.job("Api", "python3 greeter.pyz api.url", is_service=True)
        p.job("ApiTest", "python3 tests/api_test.py api.url", depends_on=["Api"])
        for env in p.env_matrix(LANGUAGE=["en", "hi", "ja"], VOICE=["calm", "loud"]):
            p.job(f"Unit {env['LANGUAGE']} {env['VOICE']}", "python3 -m unittest -q tests.test_greeting", env=env)
