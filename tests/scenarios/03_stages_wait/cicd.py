from jaypore_ci import jci

with jci.Pipeline() as p:
    with p.stage("build"):
        p.job("A", "test -e First.txt && touch a")
        p.job("B", "test -e First.txt && touch b")
    with p.stage("check"):
        p.job("C", "test -e a && test -e b")
    p.job("First", "touch First.txt")
