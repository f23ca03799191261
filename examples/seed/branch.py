from jaypore_ci import jci


with jci.Pipeline() as p:
    p.job("testing", "bash cicd/lint_test_n_build.sh")
    if p.repo.branch == 'main':
        p.job("publish", "bash cicd/publish_release.sh", depends_on=['testing'])
