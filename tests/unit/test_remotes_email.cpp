// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "jci/core/errors.hpp"
#include "jci/remotes/email.hpp"
#include "jci/remotes/email_message.hpp"
#include "jci/repos/mock.hpp"

namespace jci {
namespace {

using testing::ElementsAre;

EmailMessage first_mail() {
  return {
      .from = "ci@example.org",
      .to = {"a@example.org", "b@example.org"},
      .cc = {},
      .subject = "[JCI] widgets [main 0a1b2c3d]",
      .text = "",
      .html = "",
      .id = "1@example.org",
      .thread = "",
      .date = std::chrono::system_clock::from_time_t(1'700'000'000),
  };
}

std::string header(const EmailMessage& mail, std::string_view name) {
  for (const auto& line : email_headers(mail))
    if (line.starts_with(name)) return line;
  return "";
}

std::string subject_line(const std::string& subject) {
  auto mail = first_mail();
  mail.subject = subject;
  return header(mail, "Subject: ");
}

TEST(EmailMessage, HasTheHeadersThatSmtpCarries) {
  EXPECT_THAT(
      email_headers(first_mail()),
      ElementsAre("From: Jaypore CI <ci@example.org>", "To: a@example.org,\r\n b@example.org",
                  "Subject: [JCI] widgets [main 0a1b2c3d]", "Date: Tue, 14 Nov 2023 22:13:20 +0000",
                  "Message-ID: <1@example.org>", "Auto-Submitted: auto-generated"));
}

TEST(EmailMessage, NamesWhoElseGetsIt) {
  auto mail = first_mail();
  mail.cc = {"c@example.org", "d@example.org"};
  EXPECT_EQ(header(mail, "Cc: "), "Cc: c@example.org,\r\n d@example.org");
}

TEST(EmailMessage, AnswersTheFirstMailOfItsThread) {
  auto mail = first_mail();
  mail.id = "2@example.org";
  mail.thread = "1@example.org";
  EXPECT_EQ(header(mail, "Message-ID: "), "Message-ID: <2@example.org>");
  EXPECT_EQ(header(mail, "In-Reply-To: "), "In-Reply-To: <1@example.org>");
  EXPECT_EQ(header(mail, "References: "), "References: <1@example.org>");
}

TEST(EmailMessage, IsTextWhoseLinesEndAsMimeWantsThem) {
  EXPECT_EQ(email_body("┏━ ok\n\r\na\xFF"), "┏━ ok\r\n\r\na\xEF\xBF\xBD");
}

TEST(EmailMessage, EncodesASubjectThatIsNotAscii) {
  EXPECT_EQ(subject_line("[JCI] wörk"), "Subject: =?UTF-8?B?W0pDSV0gd8O2cms=?=");
}

TEST(EmailMessage, EncodesASubjectThatLooksEncoded) {
  EXPECT_EQ(subject_line("=?UTF-8?B?aGk=?="), "Subject: =?UTF-8?B?PT9VVEYtOD9CP2FHaz0/PQ==?=");
}

TEST(EmailMessage, BreaksALongSubjectBetweenCharacters) {
  std::string name = "xx";  // the 39th byte is the first one of an "ü"
  for (int i = 0; i < 30; ++i) name += "ü";
  EXPECT_EQ(subject_line(name),
            "Subject: =?UTF-8?B?eHjDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7w=?=\r\n"
            " =?UTF-8?B?w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8?=");
}

TEST(EmailMessage, LetsNoSubjectAddAHeader) {
  EXPECT_EQ(subject_line("[JCI] a\r\nBcc: c@example.org\r\n\r\nbody"),
            "Subject: [JCI] a Bcc: c@example.org body");
}

TEST(EmailMessage, HasNoLineThatAServerCuts) {
  auto mail = first_mail();
  mail.subject = std::string(5000, 's');
  mail.to.assign(100, "someone@example.org");
  mail.cc = mail.to;
  for (const auto& lines : email_headers(mail))
    for (std::size_t at = 0; at <= lines.size();) {
      const auto end = std::min(lines.find("\r\n", at), lines.size());
      EXPECT_LE(end - at, 78U);
      at = end + 2;
    }
}

TEST(EmailMessage, NamesStatusAndBranchInItsSubject) {
  EXPECT_EQ(email_subject(Status::failed, "widgets [main 0a1b2c3d]"),
            "[JCI] failed: widgets [main 0a1b2c3d]");
}

TEST(EmailMessage, NamesTheRepositoryByTheEndOfItsUrl) {
  EXPECT_EQ(email_title("https://example.org/team/widgets.git", "/home/a/w", "main", "0a1b2c3d4e"),
            "widgets [main 0a1b2c3d]");
  EXPECT_EQ(email_title("git@example.org:widgets", "", "main", "0a1b2c3d4e"),
            "widgets [main 0a1b2c3d]");
}

TEST(EmailMessage, NamesARepositoryWithoutUrlByItsDirectory) {
  EXPECT_EQ(email_title("", "/home/a/widgets/", "", "0a1b2c3d4e"), "widgets [0a1b2c3d]");
  EXPECT_EQ(email_title("", "", "main", "0a"), "repository [main 0a]");
}

TEST(EmailMessage, TakesAListOfAddressesWithCommas) {
  EXPECT_THAT(split_addresses(" a@x , b@y,,"), ElementsAre("a@x", "b@y"));
}

EmailSettings from(const std::map<std::string, std::string>& variables) {
  return email_settings_from_env([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

template <class Call>
std::string mistake(const Call& call) {
  try {
    call();
  } catch (const BadConfig& error) {
    return error.what();
  }
  return "";
}

TEST(EmailSettings, NameAllVariablesThatAreMissing) {
  EXPECT_EQ(mistake([] { from({{"JAYPORE_EMAIL_ADDR", "a@x"}, {"JAYPORE_EMAIL_TO", ""}}); }),
            "to mail reports, set `JAYPORE_EMAIL_PASSWORD`, `JAYPORE_EMAIL_TO` in the environment");
}

TEST(EmailSettings, NeedOnlyLoginAndRecipients) {
  const auto settings = from({{"JAYPORE_EMAIL_ADDR", "a@x"},
                              {"JAYPORE_EMAIL_PASSWORD", "secret"},
                              {"JAYPORE_EMAIL_TO", "b@y,c@z"}});
  EXPECT_EQ(settings.from, "a@x");
  EXPECT_EQ(settings.host, "smtp.gmail.com");
  EXPECT_EQ(settings.port, 465);
  EXPECT_THAT(settings.to, ElementsAre("b@y", "c@z"));
}

TEST(EmailSettings, RefuseAPortThatIsNoNumber) {
  EXPECT_EQ(mistake([] {
              from({{"JAYPORE_EMAIL_ADDR", "a@x"},
                    {"JAYPORE_EMAIL_PASSWORD", "secret"},
                    {"JAYPORE_EMAIL_TO", "b@y"},
                    {"JAYPORE_EMAIL_PORT", "46five"}});
            }),
            "`JAYPORE_EMAIL_PORT` is `46five`, not a number");
}

TEST(EmailSettings, RefuseAnAddressThatCouldAddAHeader) {
  const MockRepo repo({});
  EmailSettings settings;
  settings.addr = "a@x\r\nBcc: b@y";
  settings.to = {"c@z"};
  EXPECT_EQ(mistake([&] { make_email_remote(settings, repo); }),
            "`a@x Bcc: b@y` of `email_from` is no mail address; write `user@host`, without a name");
}

TEST(EmailSettings, RefuseAHostThatIsMoreThanAName) {
  const MockRepo repo({});
  EmailSettings settings;
  settings.addr = "a@x";
  settings.to = {"c@z"};
  settings.host = "x/../y";
  EXPECT_EQ(mistake([&] { make_email_remote(settings, repo); }),
            "`x/../y` is no name of a mail server");
}

}  // namespace
}  // namespace jci
