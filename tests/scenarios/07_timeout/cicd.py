from jaypore_ci import jci

with jci.Pipeline() as p:
    p.job("Slow", "exec tail -f /dev/null", timeout=0.2)
    p.job("After", "true", depends_on=["Slow"])
    p.job("Quick", "true", timeout=60)
