#include <jci/jci.hpp>

int main() {
  return jci::run({.image = "python:3.11", .timeout = 120}, [](jci::Pipeline& p) {
    p.stage("Lint", [&] {
      p.job("Syntax", "python3 -W error -m compileall -q -f greeter tests");
      p.job("Tabs", "! grep -rnP '\\t' --include='*.py' .");
    });

    p.stage("Build", [&] {
      p.job("Stage", "mkdir -p build/app && cp -r greeter build/app/");
      p.job("Package",
            // A job's own word in the report is what it writes to <job name>.txt
            "python3 -m zipapp build/app -o greeter.pyz -m greeter.__main__:main"
            " && echo $(wc -c <greeter.pyz) bytes >Package.txt",
            {.depends_on = {"Stage"}});
    });

    p.stage("Test", [&] {
      p.job("Api", "python3 greeter.pyz api.url", {.is_service = true});
      p.job("ApiTest", "python3 tests/api_test.py api.url", {.depends_on = {"Api"}});
      for (const auto& env :
           jci::env_matrix({{"LANGUAGE", {"en", "hi", "ja"}}, {"VOICE", {"calm", "loud"}}})) {
        p.job("Unit " + env.at("LANGUAGE") + " " + env.at("VOICE"),
              "python3 -m unittest -q tests.test_greeting", {.env = env});
      }
    });
  });
}
