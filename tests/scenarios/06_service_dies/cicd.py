from jaypore_ci import jci

with jci.Pipeline() as p:
    p.job("Db", "echo $$ >pid; mkfifo gone; read word <gone; exit 7", is_service=True)
    p.job(
        "Integration",
        "until [ -p gone ]; do :; done; echo go >gone; while kill -0 $(cat pid) 2>/dev/null; do :; done",
        depends_on=["Db"],
        timeout=30,
    )
