// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "jci/views/plan.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;

Pipeline documented() {
  Settings defaults;
  defaults.image = "app_dev";
  Pipeline pipeline(defaults);
  Settings service;
  service.is_service = true;
  service.image = "mysql";
  pipeline.begin_stage("Services", service);
  pipeline.add_job("Mysql", {}, {});
  pipeline.end_stage();
  pipeline.begin_stage("checking", {});
  pipeline.add_job("IntTest", "run int_test.sh", {});
  pipeline.add_job("RegText", "bash regression_tests.sh", {{}, {"IntTest"}, {}});
  Settings slow;
  slow.timeout = 90min;
  slow.env = {{"TOKEN", "hunter2"}};
  pipeline.add_job("FuzzTest", std::vector<std::string>{"bash", "fuzzy tests.sh"},
                   {slow, {"IntTest", "RegText"}, {}});
  pipeline.end_stage();
  return pipeline;
}

TEST(RenderPlan, ShowsStagesWithImagesTimeoutsServicesAndParents) {
  EXPECT_EQ(render_plan(documented()),
            "2 stages, 4 jobs\n"
            "\n"
            "Services\n"
            "  Mysql     image mysql    service\n"
            "checking\n"
            "  IntTest   image app_dev  timeout 15 min\n"
            "  RegText   image app_dev  timeout 15 min      after IntTest\n"
            "  FuzzTest  image app_dev  timeout 1 h 30 min  after IntTest, RegText\n");
}

TEST(RenderPlan, SaysThatThereAreNoJobs) {
  EXPECT_EQ(render_plan(Pipeline{}), "no jobs\n");
  EXPECT_EQ(render_plan_json(Pipeline{}, "shell"),
            "{\"v\":1,\"executor\":\"shell\",\"stages\":[]}\n");
}

TEST(RenderPlanJson, TellsTheSameToPrograms) {
  EXPECT_EQ(
      render_plan_json(documented(), "docker"),
      R"({"v":1,"executor":"docker","stages":[{"name":"Services","jobs":[)"
      R"({"name":"Mysql","command":null,"image":"mysql","is_service":true,"timeout_ms":900000,"depends_on":[],"env":[]}]},)"
      R"({"name":"checking","jobs":[)"
      R"({"name":"IntTest","command":"run int_test.sh","image":"app_dev","is_service":false,"timeout_ms":900000,"depends_on":[],"env":[]},)"
      R"({"name":"RegText","command":"bash regression_tests.sh","image":"app_dev","is_service":false,"timeout_ms":900000,"depends_on":["IntTest"],"env":[]},)"
      R"({"name":"FuzzTest","command":["bash","fuzzy tests.sh"],"image":"app_dev","is_service":false,"timeout_ms":5400000,"depends_on":["IntTest","RegText"],"env":["TOKEN"]}]}]})"
      "\n");
}

}  // namespace
}  // namespace jci
