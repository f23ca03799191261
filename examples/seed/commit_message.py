from jaypore_ci import jci

with jci.Pipeline() as p:
    p.job("build", "bash cicd/build.sh")
    if p.repo.commit_message.contains("jci:release"):
        p.job("release", "bash cicd/release.sh", depends_on=["build"])
