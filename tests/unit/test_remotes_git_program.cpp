// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "jci/remotes/git_program.hpp"

namespace jci {
namespace {

using remotes::git_reason;
using remotes::PushAnswer;
using remotes::read_push_answer;

TEST(GitProgram, TellsWhatWasPushedAndWhatWasNot) {
  const PushAnswer answer = read_push_answer(
      "To /srv/widgets.git\n"
      "=\trefs/jayporeci/aa:refs/jayporeci/aa\t[up to date]\n"
      "*\trefs/jayporeci/bb:refs/jayporeci/bb\t[new reference]\n"
      " \trefs/jayporeci/cc:refs/jayporeci/cc\tc0ffee0..c0ffee1\n"
      "!\trefs/jayporeci/dd:refs/jayporeci/dd\t[rejected] (fetch first)\n"
      "!\trefs/jayporeci/ee:refs/jayporeci/ee\t[remote rejected] (hook declined)\n"
      "!\trefs/jayporeci/ff:refs/jayporeci/ff\t[remote rejected] (failed to update ref)\n"
      "Done\n",
      "");
  EXPECT_EQ(answer, (PushAnswer{.sent = 2,
                                .rejected = {{{"dd", "fetch first"}, true},
                                             {{"ee", "hook declined"}, false},
                                             {{"ff", "failed to update ref"}, true}},
                                .said = {}}));
}

TEST(GitProgram, HearsWhatHooksSayAmongProgress) {
  const PushAnswer answer =
      read_push_answer("",
                       "Enumerating objects: 3, done.\n"
                       "Counting objects:  33% (1/3)\rCounting objects: 100% (3/3)\rCounting "
                       "objects: 100% (3/3), done.\n"
                       "Total 3 (delta 0), reused 0 (delta 0), pack-reused 0\n"
                       "remote: Resolving deltas: 100% (2/2), done.        \n"
                       "remote: Reports are for \x1b[31mrobots\x1b[0m.        \n"
                       "remote: \n"
                       "remote: Ask Ada.\n");
  EXPECT_EQ(
      answer,
      (PushAnswer{.sent = 0, .rejected = {}, .said = {"Reports are for robots.", "Ask Ada."}}));
}

TEST(GitProgram, DoesNotStumbleOverAnswersThatGitWouldNotGive) {
  for (const char* output : {"", "\n", "!", "!\t", "!\t\t", "\t\t\t", "!!\ta:b\tc\n", "\r\r\n\t"})
    EXPECT_EQ(read_push_answer(output, output).sent, 0U) << output;
  EXPECT_EQ(read_push_answer("!\t\t", "").rejected,
            (std::vector<remotes::Rejected>{{{"", ""}, false}}));
}

TEST(GitProgram, SaysWhyOnOneLineWithoutGuessesAndCredentials) {
  EXPECT_EQ(git_reason("ssh: connect to host h port 22: Connection refused\r\n"
                       "fatal: Could not read from remote repository.\n\n"
                       "Please make sure you have the correct access rights\n"
                       "and the repository exists.\n"),
            "ssh: connect to host h port 22: Connection refused; fatal: Could not read from "
            "remote repository.");
  EXPECT_EQ(git_reason("fatal: unable to access 'https://me:p@ss@host:1/x@y/': no\n"),
            "fatal: unable to access 'https://host:1/x@y/': no");
  EXPECT_EQ(git_reason("Receiving objects: 12% (3/25)\r"), "git does not say why");
}

}  // namespace
}  // namespace jci
