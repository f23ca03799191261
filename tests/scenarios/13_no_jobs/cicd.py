from jaypore_ci import jci

with jci.Pipeline() as p:
    pass
