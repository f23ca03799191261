from jaypore_ci import jci

with jci.Pipeline() as p:
    with p.stage("Services", is_service=True):
        p.job("Db", "mkfifo ready && echo up >ready; exec tail -f /dev/null")
    with p.stage("Testing"):
        p.job("Integration", "until [ -p ready ]; do :; done; read word <ready && [ $word = up ]", timeout=30)
