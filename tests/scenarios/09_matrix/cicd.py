from jaypore_ci import jci

with jci.Pipeline() as p:
    for env in p.env_matrix(BROWSER=["firefox", "chromium"], SHARD=[0, 1, 2]):
        p.job(f"Test {env['BROWSER']} {env['SHARD']}", "[ $SHARD != 1 ]", env=env)
