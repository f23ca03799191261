// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "jci/core/errors.hpp"
#include "jci/core/settings.hpp"

namespace jci {
namespace {

using namespace std::chrono_literals;

Value value(auto data) { return Value{std::move(data)}; }
Value text(std::string data) { return Value{std::move(data)}; }
Value number(std::int64_t data) { return Value{data}; }

/// What `settings_from` says about one argument; "" if it takes it.
std::string complaint(std::string name, Value given) {
  constexpr std::array<std::string_view, 1> k_also = {"depends_on"};
  try {
    settings_from({{std::move(name), std::move(given)}}, "job `test`", k_also);
    return "";
  } catch (const BadConfig& error) {
    return error.what();
  }
}

Settings said(std::optional<std::string> image, Env env) {
  Settings settings;
  settings.image = std::move(image);
  settings.env = std::move(env);
  return settings;
}

TEST(Inherit, LetsTheInnerOneWinKeyByKey) {
  EXPECT_EQ(
      inherit(said("outer", {{"A", "1"}, {"B", "1"}}), said("inner", {{"B", "2"}, {"C", "2"}})),
      said("inner", {{"A", "1"}, {"B", "2"}, {"C", "2"}}));
}

TEST(Inherit, KeepsWhatTheInnerOneDoesNotSay) {
  Settings outer{"image",     5s,        true,     {{"A", "1"}}, {{"memory", number(1)}},
                 {{"a.xml"}}, "cov.xml", {{"KEY"}}};
  EXPECT_EQ(inherit(outer, {}), outer);
  EXPECT_EQ(inherit({}, outer), outer);
}

TEST(Inherit, CanTakeServiceBackAndMergesExecutorArguments) {
  Settings outer{{},          {}, true,        {}, {{"memory", number(1)}, {"cpus", number(2)}},
                 {{"a.xml"}}, {}, {{"A", "B"}}};
  Settings inner{{},    {},          false, {}, {{"memory", number(4)}}, {{"b.xml", "c/*"}},
                 "cov", {{"B", "C"}}};
  EXPECT_EQ(inherit(outer, inner), (Settings{{},
                                             {},
                                             false,
                                             {},
                                             {{"memory", number(4)}, {"cpus", number(2)}},
                                             {{"b.xml", "c/*"}},
                                             "cov",
                                             {{"B", "C"}}}));
}

TEST(Settings, AreEmptyUntilSomethingIsSaid) {
  EXPECT_TRUE(Settings{}.empty());
  EXPECT_FALSE((Settings{"i", {}, {}, {}, {}, {}, {}, {}}.empty()));
  EXPECT_FALSE((Settings{{}, 1s, {}, {}, {}, {}, {}, {}}.empty()));
  EXPECT_FALSE((Settings{{}, {}, false, {}, {}, {}, {}, {}}.empty()));
  EXPECT_FALSE((Settings{{}, {}, {}, {{"A", ""}}, {}, {}, {}, {}}.empty()));
  EXPECT_FALSE((Settings{{}, {}, {}, {}, {{"a", {}}}, {}, {}, {}}.empty()));
  EXPECT_FALSE((Settings{{}, {}, {}, {}, {}, {{"a.xml"}}, {}, {}}.empty()));
  EXPECT_FALSE((Settings{{}, {}, {}, {}, {}, {}, "cov.xml", {}}.empty()));
  EXPECT_FALSE((Settings{{}, {}, {}, {}, {}, {}, {}, std::vector<std::string>{}}.empty()));
}

TEST(SettingsFrom, ReadsEveryArgument) {
  const auto settings =
      settings_from({{"image", text("python:3.11")},
                     {"timeout", number(90)},
                     {"is_service", value(true)},
                     {"env", value(Value::Dict{{"A", text("b")}})},
                     {"executor_kwargs", value(Value::Dict{{"cpus", number(2)}})},
                     {"junit", value(Value::List{text("a.xml"), text("b/**/*.xml")})},
                     {"secrets", value(Value::List{text("TOKEN"), text("JAYPORE_KEY")})},
                     {"coverage", text("cov.xml")}},
                    "job `test`");
  EXPECT_EQ(settings, (Settings{"python:3.11",
                                90s,
                                true,
                                {{"A", "b"}},
                                {{"cpus", number(2)}},
                                {{"a.xml", "b/**/*.xml"}},
                                "cov.xml",
                                {{"TOKEN", "KEY"}}}));
}

TEST(SettingsFrom, KeepsWhatOnlyExecutorsUnderstandAmongTheirArguments) {
  const Value::Dict expected = {{"cpus", number(2)},
                                {"docker_socket", value(false)},
                                {"pull", text("always")},
                                {"ready", number(5432)},
                                {"ready_timeout", value(0.5)}};
  Arguments arguments = {{"docker_socket", value(false)},
                         {"executor_kwargs", value(Value::Dict{{"cpus", number(2)}})},
                         {"pull", text("always")},
                         {"ready", number(5432)},
                         {"ready_timeout", value(0.5)}};
  EXPECT_EQ(settings_from(arguments, "job `test`").executor_kwargs, expected);
}

TEST(SettingsFrom, RefusesToBeToldTwice) {
  const std::pair<std::string, Value> plain = {"pull", text("never")};
  const std::pair<std::string, Value> wrapped = {"executor_kwargs", value(Value::Dict{plain})};
  const auto said = [](const Arguments& arguments) -> std::string {
    try {
      settings_from(arguments, "job `test`");
      return "";
    } catch (const BadConfig& error) {
      return error.what();
    }
  };
  EXPECT_EQ(said({wrapped, plain}),
            "job `test`: `pull` is given in `executor_kwargs` too; say it once");
  EXPECT_EQ(said({plain, wrapped}),
            "job `test`: `executor_kwargs` has `pull`, which is given as an argument too; say it "
            "once");
}

TEST(SettingsFrom, TakesNothingAsNotSaid) {
  Arguments arguments;
  for (const auto name : known_settings()) arguments.emplace_back(name, Value{});
  EXPECT_EQ(settings_from(arguments, "job `test`"), Settings{});
}

TEST(SettingsFrom, NamesTheNearestKnownArgument) {
  EXPECT_EQ(complaint("imgae", text("x")),
            "job `test`: unknown argument `imgae`; did you mean `image`?");
  EXPECT_EQ(complaint("depend_on", text("x")),
            "job `test`: unknown argument `depend_on`; did you mean `depends_on`?");
}

TEST(SettingsFrom, KeepsFilesOfResultsInsideOfTheWorkspace) {
  const std::string why = "; write it relative to the directory that jobs run in, without `..`";
  EXPECT_EQ(complaint("junit", text("/tmp/a.xml")), "job `test`: `junit` has `/tmp/a.xml`" + why);
  EXPECT_EQ(complaint("junit", value(Value::List{text("a/../../b.xml")})),
            "job `test`: `junit` has `a/../../b.xml`" + why);
  EXPECT_EQ(complaint("coverage", text("..")), "job `test`: `coverage` has `..`" + why);
  EXPECT_EQ(
      complaint("coverage", text("")),
      "job `test`: `coverage` has a name that no file can have; write one such as `reports/*.xml`");
  EXPECT_EQ(complaint("junit", number(3)),
            "job `test`: `junit` takes file names as str, not an int");
}

TEST(SettingsFrom, TakesSecretsByTheNamesOfTheirVariables) {
  const auto secrets = [](Value given) {
    return settings_from({{"secrets", std::move(given)}}, "job `test`").secrets;
  };
  EXPECT_EQ(secrets(value(Value::List{})), std::vector<std::string>{});
  EXPECT_EQ(secrets(text("JAYPORE_TOKEN")), std::vector<std::string>{"TOKEN"});
  EXPECT_EQ(complaint("secrets", value(Value::List{number(3)})),
            "job `test`: `secrets` takes names of variables as str, not an int");
  const std::string why = ", which no variable can have: name one such as `DB_PASSWORD`";
  for (const char* name : {"", "JAYPORE_", "A=B"})
    EXPECT_EQ(complaint("secrets", text(name)),
              "job `test`: `secrets` has the name `" + std::string(name) + "`" + why);
}

TEST(SettingsFrom, ListsTheKnownArgumentsWhereNoneIsNear) {
  EXPECT_EQ(complaint("retries", number(3)),
            "job `test`: unknown argument `retries`; known are `coverage`, `depends_on`, "
            "`docker_socket`, `env`, "
            "`executor_kwargs`, `image`, `is_service`, `junit`, `pull`, `ready`, `ready_timeout`, "
            "`secrets`, `timeout`");
}

TEST(SettingsFrom, SaysWhichTypeItTakes) {
  EXPECT_EQ(complaint("image", number(3)), "job `test`: `image` takes a str, not an int");
  EXPECT_EQ(complaint("timeout", text("1m")),
            "job `test`: `timeout` takes seconds as an int or a float, not a str");
  EXPECT_EQ(complaint("timeout", value(true)),
            "job `test`: `timeout` takes seconds as an int or a float, not a bool");
  EXPECT_EQ(complaint("is_service", number(1)),
            "job `test`: `is_service` takes a bool, not an int");
  EXPECT_EQ(complaint("env", value(Value::List{})), "job `test`: `env` takes a dict, not a list");
  EXPECT_EQ(complaint("executor_kwargs", text("")),
            "job `test`: `executor_kwargs` takes a dict, not a str");
}

TEST(SettingsFrom, RefusesAnEmptyImage) {
  EXPECT_EQ(complaint("image", text("")),
            "job `test`: `image` is empty; name an image, or leave it out");
}

TEST(SettingsFrom, RefusesATimeoutThatIsNoTimeSpan) {
  EXPECT_EQ(complaint("timeout", number(0)), "job `test`: `timeout` takes seconds above 0, not 0");
  EXPECT_EQ(complaint("timeout", value(-1.5)),
            "job `test`: `timeout` takes seconds above 0, not -1.5");
  EXPECT_EQ(complaint("timeout", value(std::nan(""))),
            "job `test`: `timeout` takes seconds above 0, not nan");
  const std::string too_long = "job `test`: `timeout` takes at most 315360000 seconds (ten years)";
  EXPECT_EQ(complaint("timeout", value(std::numeric_limits<double>::infinity())), too_long);
  EXPECT_EQ(complaint("timeout", number(std::numeric_limits<std::int64_t>::max())), too_long);
  EXPECT_EQ(complaint("timeout", number(315360000)), "");
}

TEST(SettingsFrom, RoundsATimeoutToMillisecondsButNeverToNone) {
  EXPECT_EQ(settings_from({{"timeout", value(0.57)}}, "").timeout, 570ms);
  EXPECT_EQ(settings_from({{"timeout", value(1e-9)}}, "").timeout, 1ms);
}

TEST(SettingsFrom, WritesNumbersInEnvAsPythonDoes) {
  const Value::Dict env = {{"INT", number(-3)},   {"HALF", value(0.5)},
                           {"ONE", value(1.0)},   {"BIG", value(123456789.0)},
                           {"HUGE", value(1e16)}, {"TINY", value(1e-5)},
                           {"TENTH", value(0.1)}, {"NONE", Value{}}};
  EXPECT_EQ(settings_from({{"env", value(env)}}, "").env, (Env{{"INT", "-3"},
                                                               {"HALF", "0.5"},
                                                               {"ONE", "1.0"},
                                                               {"BIG", "123456789.0"},
                                                               {"HUGE", "1e+16"},
                                                               {"TINY", "1e-05"},
                                                               {"TENTH", "0.1"}}));
}

TEST(SettingsFrom, RefusesWhatNoEnvironmentCanHold) {
  const auto env = [](std::string key, Value each) {
    return value(Value::Dict{{std::move(key), std::move(each)}});
  };
  EXPECT_EQ(complaint("env", env("A", value(true))),
            "job `test`: `env` takes a str, an int or a float for `A`, not a bool");
  EXPECT_EQ(complaint("env", env("A=B", text("x"))),
            "job `test`: `env` has the name `A=B`, which no environment can hold: a name is not "
            "empty and has no `=`");
  EXPECT_EQ(complaint("env", env("", text("x"))),
            "job `test`: `env` has the name ``, which no environment can hold: a name is not empty "
            "and has no `=`");
  EXPECT_EQ(complaint("env", env("A", text(std::string("x\0y", 3)))),
            "job `test`: `env` has a NUL byte in `A`, which no environment can hold");
}

TEST(KindOf, NamesEachKindAsPythonDoes) {
  EXPECT_EQ(kind_of(Value{}), "nothing");
  EXPECT_EQ(kind_of(value(true)), "a bool");
  EXPECT_EQ(kind_of(number(1)), "an int");
  EXPECT_EQ(kind_of(value(1.0)), "a float");
  EXPECT_EQ(kind_of(text("")), "a str");
  EXPECT_EQ(kind_of(value(Value::List{})), "a list");
  EXPECT_EQ(kind_of(value(Value::Dict{})), "a dict");
}

}  // namespace
}  // namespace jci
