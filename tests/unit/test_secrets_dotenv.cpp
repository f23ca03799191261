// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "jci/secrets/dotenv.hpp"
#include "secrets_fixture.hpp"

namespace jci::secrets {
namespace {

using Kind = DotenvLine::Kind;

DotenvLine variable(std::string name, std::string value) {
  return {Kind::variable, std::move(name), Wiped(std::move(value))};
}
DotenvLine comment(std::string text) { return {Kind::comment, "", Wiped(std::move(text))}; }

TEST(Dotenv, KeepsValuesAsTheyAreButForNewlines) {
  const std::string text =
      "# a comment\nA=1\nEMPTY=\nEQUALS=a=b=\nQUOTED=\"x\" 'y'\nSPACES=  x "
      "\nMULTI=one\\ntwo\\n\nHASH=a #b\n"
      "CR=x\r\nUNI=\xc3\xa9\n#\n";
  const std::vector<DotenvLine> lines = {comment(" a comment"),
                                         variable("A", "1"),
                                         variable("EMPTY", ""),
                                         variable("EQUALS", "a=b="),
                                         variable("QUOTED", "\"x\" 'y'"),
                                         variable("SPACES", "  x "),
                                         variable("MULTI", "one\ntwo\n"),
                                         variable("HASH", "a #b"),
                                         variable("CR", "x\r"),
                                         variable("UNI", "\xc3\xa9"),
                                         comment("")};
  EXPECT_EQ(parse_dotenv(text), lines);
  EXPECT_EQ(to_dotenv(lines).text(), text);
}

TEST(Dotenv, DropsEmptyLinesAndKeepsVariablesThatAreThereTwice) {
  EXPECT_EQ(parse_dotenv("\n\nA=1\n\nA=2"), (std::vector{variable("A", "1"), variable("A", "2")}));
  EXPECT_EQ(parse_dotenv(""), std::vector<DotenvLine>());
}

TEST(Dotenv, NamesALineThatIsNoneWithoutRepeatingIt) {
  for (const char* text : {"A=1\n\nsecret\nB=2", "A=1\n\n  # indented\n"}) {
    EXPECT_EQ(message_of([&] { parse_dotenv(text); }),
              "line 3 is neither `KEY=value` nor a comment, which begins with `#`; a newline of a "
              "value is written `\\n`");
    EXPECT_EQ(problem_of([&] { parse_dotenv(text); }), Problem::malformed);
  }
}

TEST(Dotenv, KnowsGitsConflictMarkers) {
  for (const char* marker : {"<<<<<<< HEAD", "||||||| 1234567", "=======", ">>>>>>> theirs"}) {
    EXPECT_EQ(problem_of([&] { parse_dotenv(std::string("A=1\n") + marker + "\nB=2\n"); }),
              Problem::conflict)
        << marker;
  }
  EXPECT_EQ(parse_dotenv("========\n").size(), 1u);
}

TEST(Dotenv, GivesBackAnyLines) {
  RandomTexts random;
  for (int i = 0; i < 500; ++i) {
    std::vector<DotenvLine> lines;
    for (std::size_t count = random.number(6); count > 0; --count) {
      const std::string value = random.text("ab \n\"'=#\r$`\t\xc3\xa9", 12);
      lines.push_back(random.number(4) == 0 ? comment("x" + random.text("ab =#'", 5))
                                            : variable("N" + random.text("AB_1", 4), value));
    }
    EXPECT_EQ(parse_dotenv(to_dotenv(lines).view()), lines);
  }
}

TEST(Dotenv, KnowsWhatAShellTakesForAName) {
  for (const char* name : {"A", "_", "a1_B"}) EXPECT_TRUE(is_variable_name(name)) << name;
  for (const char* name : {"", "1A", "A B", "A-B", "A.B", "\xc3\xa9", "A;B"})
    EXPECT_FALSE(is_variable_name(name)) << name;
}

}  // namespace
}  // namespace jci::secrets
