from jaypore_ci import jci

with jci.Pipeline() as p:
    p.job("Black", "true")
    p.job("Pylint", ["true"])
    p.job("PyTest", "echo Cov: 65% >PyTest.txt")
