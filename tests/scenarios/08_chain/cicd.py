from jaypore_ci import jci

with jci.Pipeline() as p:
    one = p.job("One", "one")
    two = p.job("Two", "two", depends_on=one)
    p.job("Three", "three", depends_on=[one, two])
    p.job("Beside", "beside")
