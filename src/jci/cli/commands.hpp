// SPDX-License-Identifier: MIT
#pragma once

namespace CLI {
class App;
}

namespace jci::cli {

// One function per command, in a file of its name. Each adds its subcommand to `app`; when the command is chosen it runs
// during parsing and leaves its exit code in `exit_code`. Errors are exceptions; `main` prints them.

void add_run(CLI::App& app, int& exit_code);
void add_plan(CLI::App& app, int& exit_code);
void add_runs(CLI::App& app, int& exit_code);
void add_report(CLI::App& app, int& exit_code);
void add_logs(CLI::App& app, int& exit_code);
void add_publish(CLI::App& app, int& exit_code);
void add_fetch(CLI::App& app, int& exit_code);
void add_doctor(CLI::App& app, int& exit_code);
void add_init(CLI::App& app, int& exit_code);
void add_push(CLI::App& app, int& exit_code);
void add_hook(CLI::App& app, int& exit_code);
void add_show(CLI::App& app, int& exit_code);
void add_secrets(CLI::App& app, int& exit_code);

}  // namespace jci::cli
