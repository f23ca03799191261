from jaypore_ci import jci

with jci.Pipeline() as p:
    p.job("../../etc/passwd", "echo out >'------etc-passwd.txt'")
    p.job("a`$touch pwned;", "test ! -e pwned")
    p.job("-rf", "echo out")
    p.job("café", "true")
