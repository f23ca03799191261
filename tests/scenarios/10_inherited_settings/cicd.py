from jaypore_ci import jci

with jci.Pipeline(env={"A": "pipeline", "B": "pipeline", "C": "pipeline"}) as p:
    p.job("Pipelines", '[ "$A $B $C" = "pipeline pipeline pipeline" ]')
    with p.stage("inner", env={"B": "stage", "C": "stage"}, timeout=0.2):
        p.job("Stages", '[ "$A $B $C" = "pipeline stage stage" ]', timeout=60)
        p.job("Jobs", '[ "$A $B $C" = "pipeline stage job" ]', env={"C": "job"}, timeout=60)
        p.job("Slow", "exec tail -f /dev/null")
        p.job("Patient", "true", timeout=60)
