// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "jci/results/results.hpp"
#include "temporary_directory.hpp"

namespace jci::results {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string complaint(auto parse, std::string_view text) {
  try {
    parse(text);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

// As pytest 7 writes it, shortened.
constexpr std::string_view k_pytest = R"(<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="5" time="0.512">
<testcase classname="tests.test_a.TestMath" name="test_add" time="0.250" />
<testcase classname="tests.test_a" name="test_sub[1-2]" time="0.125"><failure message="assert 1 == 2">def test_sub():
&gt;       assert 1 == 2
E       assert 1 == 2</failure></testcase>
<testcase classname="tests.test_a" name="test_skip" time="0"><skipped type="pytest.skip" message="not here">x</skipped></testcase>
<testcase classname="" name="tests.test_b" time="0"><error message="collection failure">ImportError: no &lt;module&gt;</error></testcase>
<testcase classname="tests.test_c" name="test_ok"><system-out>noise</system-out></testcase>
</testsuite></testsuites>)";

TEST(Junit, CountsTestsAndTellsWhyTheyFailed) {
  const TestResults expected{
      .passed = 2,
      .failed = 2,
      .skipped = 1,
      .took = 375ms,
      .failures = {{"tests.test_a", "test_sub[1-2]",
                    "def test_sub():\n>       assert 1 == 2\nE       assert 1 == 2"},
                   {"pytest", "tests.test_b", "collection failure\nImportError: no <module>"}}};
  EXPECT_EQ(parse_junit(k_pytest), expected);
}

TEST(Junit, ReadsOneSuiteAsRootAndSuitesInSuites) {
  EXPECT_EQ(parse_junit("<testsuite><testcase name='a'/></testsuite>").passed, 1u);
  EXPECT_EQ(parse_junit("<testsuites><testsuite><testsuite><testcase name='a'/></testsuite>"
                        "<testcase name='b'/></testsuite></testsuites>")
                .passed,
            2u);
}

TEST(Junit, KeepsTheFirstFailuresOnlyButCountsAll) {
  std::string xml = "<testsuite>";
  for (int i = 0; i < 200; ++i) xml += "<testcase name='t'><failure/></testcase>";
  const TestResults results = parse_junit(xml + "</testsuite>");
  EXPECT_EQ(results.failed, 200u);
  EXPECT_EQ(results.failures.size(), TestResults::k_shown_failures);
}

TEST(Junit, CutsALongMessageAtALine) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "line " + std::to_string(i) + "\n";
  const TestResults results = parse_junit("<testsuite><testcase name='t'><failure>" + text +
                                          "</failure></testcase></testsuite>");
  EXPECT_TRUE(results.failures.front().message.starts_with("line 0\nline 1\n"));
  EXPECT_TRUE(results.failures.front().message.ends_with("\nline 19"));
}

TEST(Junit, TakesNoTimesThatCannotBe) {
  for (const char* time : {"-1", "nan", "inf", "1e300", "x", ""})
    EXPECT_EQ(
        parse_junit("<testsuite><testcase time='" + std::string(time) + "'/></testsuite>").took,
        0ns)
        << time;
}

TEST(Junit, DoesNotOverflowWhereTimesAddUpToCenturies) {
  std::string xml = "<testsuite>";
  for (int i = 0; i < 400; ++i) xml += "<testcase time='31000000'/>";  // a year each
  TestResults results = parse_junit(xml + "</testsuite>");
  EXPECT_EQ(results.took, TestResults::k_longest);
  add(results, results);
  EXPECT_EQ(results.took, TestResults::k_longest);
}

TEST(Junit, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(complaint(parse_junit, "<testsuite><testcase>"),
            "it is no XML: Start-end tags mismatch at byte 20");
  EXPECT_EQ(complaint(parse_junit, "<html/>"),
            "its root is `html`, not the `testsuites` or `testsuite` of JUnit's format");
  EXPECT_EQ(complaint(parse_junit, "").substr(0, 12), "it is no XML");
}

TEST(Junit, ReadsNoEntitiesThatAFileDeclares) {
  const std::string bomb =
      "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY f SYSTEM "
      "\"file:///etc/passwd\">]>"
      "<testsuite><testcase name='&b;'><failure>&f;</failure></testcase></testsuite>";
  const TestResults results = parse_junit(bomb);
  EXPECT_EQ(results.failures, (std::vector<FailedTest>{{"", "&b;", "&f;"}}));
}

TEST(CoverageFile, IsCoberturasSummaryOrItsLines) {
  const Lines summary = parse_coverage(
      "<?xml version='1.0'?><!DOCTYPE coverage SYSTEM "
      "'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>"
      "<coverage line-rate='0.75' lines-covered='30' lines-valid='40'/>");
  EXPECT_EQ(summary.executed, 30u);
  EXPECT_EQ(summary.all, 40u);
  const Lines lines = parse_coverage(
      "<coverage><packages><package><classes><class><methods><method><lines><line number='1' "
      "hits='1'/>"
      "</lines></method></methods><lines><line number='1' hits='1'/><line number='2' "
      "hits='0'/></lines>"
      "</class></classes></package></packages></coverage>");
  EXPECT_EQ(lines.executed, 1u);
  EXPECT_EQ(lines.all, 2u);
}

TEST(CoverageFile, IsLcovsSummaryOrItsLines) {
  const Lines lines = parse_coverage(
      "TN:\nSF:a.c\nDA:1,5\nDA:2,0\nLF:2\nLH:1\nend_of_record\r\nSF:b.c\r\nDA:1,3,abc\r\nDA:2,"
      "0\r\nDA:3,1\r\nend_of_record\n");
  EXPECT_EQ(lines.executed, 3u);
  EXPECT_EQ(lines.all, 5u);
}

TEST(CoverageFile, IsRefusedWhereItTellsNothingOrTheImpossible) {
  EXPECT_EQ(complaint(parse_coverage, "hello"),
            "it is neither Cobertura's XML nor a tracefile of lcov's: no `end_of_record`");
  EXPECT_EQ(complaint(parse_coverage, "<coverage/>"), "it tells of no line");
  EXPECT_EQ(complaint(parse_coverage, "LF:1\nLH:2\nend_of_record\n"),
            "it tells of 2 executed lines among 1");
  EXPECT_EQ(complaint(parse_coverage, "<a/>"),
            "its root is `a`, not the `coverage` of Cobertura's format");
}

class ResultFiles : public testing::Test {
 protected:
  void write(const fs::path& file, std::string_view text) {
    fs::create_directories((top() / file).parent_path());
    std::ofstream(top() / file) << text;
  }
  const fs::path& top() const { return directory_.path(); }
  std::vector<std::string> found(std::string_view pattern) const {
    std::vector<std::string> names;
    for (const fs::path& file : matching(top(), pattern)) names.push_back(file.string());
    return names;
  }

  TemporaryDirectory directory_;
};

using Names = std::vector<std::string>;

TEST_F(ResultFiles, AreFoundByPatternsAsShellsKnowThem) {
  for (const char* file :
       {"a.xml", "b.xml", "c.txt", "r/a.xml", "r/s/b.xml", "r/s/t/c.xml", ".h.xml"})
    write(file, "");
  EXPECT_EQ(found("a.xml"), Names{"a.xml"});
  EXPECT_EQ(found("*.xml"), (Names{"a.xml", "b.xml"}));
  EXPECT_EQ(found("[ab].xml"), (Names{"a.xml", "b.xml"}));
  EXPECT_EQ(found("r/*/b.xml"), Names{"r/s/b.xml"});
  EXPECT_EQ(found("r/**/*.xml"), (Names{"r/a.xml", "r/s/b.xml", "r/s/t/c.xml"}));
  EXPECT_EQ(found("./r//a.xml"), Names{"r/a.xml"});
  EXPECT_EQ(found("r"), Names{});
  EXPECT_EQ(found("nothing/*"), Names{});
}

TEST_F(ResultFiles, AreNeverLinksNorBehindThem) {
  write("outside/secret.xml", "");
  fs::create_directory(top() / "work");
  fs::create_directory_symlink(top() / "outside", top() / "work" / "d");
  fs::create_symlink(top() / "outside" / "secret.xml", top() / "work" / "l.xml");
  EXPECT_EQ(matching(top() / "work", "**/*.xml"), std::vector<fs::path>{});
  EXPECT_EQ(matching(top() / "work", "d/secret.xml"), std::vector<fs::path>{});
}

TEST_F(ResultFiles, AreTakenTogetherAndABrokenOneIsAWarning) {
  write("r/1.xml", "<testsuite><testcase name='a'/></testsuite>");
  write("r/2.xml", "<testsuite><testcase name='b'><error message='no'/></testcase></testsuite>");
  write("r/3.xml", "<testsuite>");
  write("cov.info", "LF:4\nLH:3\nend_of_record\n");
  const Found expected{
      .tests = TestResults{.passed = 1, .failed = 1, .failures = {{"", "b", "no"}}},
      .coverage = Coverage{75.0, {}},
      .warnings = {"`r/3.xml` cannot be read for test results: it is no XML: Start-end tags "
                   "mismatch at byte 0",
                   "no file of test results matches `none/*.xml`"}};
  const Found it = read({{"r/*.xml", "none/*.xml"}, "cov.info"}, top());
  EXPECT_EQ(it.tests, expected.tests);
  EXPECT_EQ(it.coverage, expected.coverage);
  EXPECT_EQ(it.warnings.size(), 2u);
  EXPECT_EQ(it.warnings.back(), expected.warnings.back());
  EXPECT_TRUE(
      it.warnings.front().starts_with("`r/3.xml` cannot be read for test results: it is no XML"));
}

TEST(LiteralPart, IsWhatAPatternNamesOutright) {
  const struct {
    const char *pattern, *above, *file;
  } table[] = {{"coverage.xml", "", "coverage.xml"},
               {"out/./a.xml", "out/", "a.xml"},
               {"out/*.xml", "out", ""},
               {"out/deep/**/*.xml", "out/deep", ""},
               {"*/a.xml", "", ""},
               {"a[12].xml", "", ""},
               {"/out/a.xml", "out/", "a.xml"}};
  for (const auto& [pattern, above, file] : table) {
    const Literal literal = literal_part(pattern);
    EXPECT_EQ(literal.above.native(), above) << pattern;
    EXPECT_EQ(literal.file, file) << pattern;
  }
  EXPECT_THROW(literal_part("out/../../a"), std::runtime_error);
}

}  // namespace
}  // namespace jci::results
