// The tree of commands as a whole: help, what is made from it, and what a wrong line gives. What
// the commands do with a control is in control/daemon/end_to_end_test.cc.
#include "control/ctl/commands.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace joinery::ctl {
namespace {

struct Ran {
  Exit exit;
  std::string out;
  std::string err;
};

Ran Joinctl(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const Exit exit = RunCommandLine(arguments, out, err);
  return {.exit = exit, .out = out.str(), .err = err.str()};
}

const char* const kCommands[] = {"status",     "pools",  "backends", "generations", "lbs",
                                 "agents",     "events", "token",    "rotate",      "rollback",
                                 "abort",      "retire", "recover",  "config",      "pki",
                                 "completion", "manual", "explain"};

TEST(Commands, HelpNamesEachAndEachHasHelp) {
  const Ran help = Joinctl({"--help"});
  EXPECT_EQ(help.exit, Exit::kDone);
  for (const char* name : kCommands) {
    EXPECT_NE(help.out.find(std::string("\n  ") + name), std::string::npos) << name;
    EXPECT_EQ(Joinctl({name, "--help"}).exit, Exit::kDone) << name;
  }
}

TEST(Commands, WrongLinesAreUsage) {
  EXPECT_EQ(Joinctl({}).exit, Exit::kUsage);
  EXPECT_EQ(Joinctl({"rotat", "web"}).exit, Exit::kUsage);
  EXPECT_EQ(Joinctl({"rotate"}).exit, Exit::kUsage);
  EXPECT_EQ(Joinctl({"backends", "weight", "web/b1", "1001"}).exit, Exit::kUsage);
  EXPECT_EQ(Joinctl({"token", "decode", "xyz"}).exit, Exit::kUsage);
  EXPECT_EQ(Joinctl({"recover"}).exit, Exit::kUsage);
  const Ran bad_ref = Joinctl({"backends", "drain", "b1"});
  EXPECT_EQ(bad_ref.exit, Exit::kUsage);
  EXPECT_NE(bad_ref.err.find("expected POOL/BACKEND, such as web/b1"), std::string::npos);
}

TEST(Commands, SayWhenControlIsNotThere) {
  const Ran ran = Joinctl({"--socket", "/nowhere/control.sock", "status"});
  EXPECT_EQ(ran.exit, Exit::kUnreachable);
  EXPECT_NE(ran.err.find("is joinery-control running"), std::string::npos) << ran.err;
}

TEST(Commands, CheckAsksNobody) {
  const std::string path = testing::TempDir() + "/c.yaml";
  std::ofstream(path) << "control: {}\n";
  const Ran ran = Joinctl({"config", "check", path});
  EXPECT_EQ(ran.exit, Exit::kRefused);
  EXPECT_NE(ran.out.find("c.yaml:1:1: balancers: missing"), std::string::npos) << ran.out;
}

// What it answers is in lb/explain/offline_test.cc.
TEST(Commands, ExplainTakesABalancerOrItsFiles) {
  const Ran both = Joinctl({"explain", "--lb", "/x", "--config", "y", "packet=45"});
  EXPECT_EQ(both.exit, Exit::kUsage);
  const Ran live = Joinctl({"explain", "--lb", "/nowhere/lb.sock", "packet=45"});
  EXPECT_EQ(live.exit, Exit::kUnreachable);
  const std::string folder = testing::TempDir() + "/nothing-here";
  const Ran offline =
      Joinctl({"explain", "--view", folder, "source=198.18.9.1:1", "destination=198.18.1.1:80"});
  EXPECT_EQ(offline.exit, Exit::kRefused);
  EXPECT_NE(offline.err.find(folder + ": no view is there"), std::string::npos) << offline.err;
  const Ran bad = Joinctl({"explain", "--view", folder, "sauce=198.18.9.1:1"});
  EXPECT_EQ(bad.exit, Exit::kRefused);
  EXPECT_NE(bad.err.find("parameter: \"sauce\""), std::string::npos) << bad.err;
}

// Made from the tree, so a command that is new is in them; and the shells take them.
TEST(Commands, CompletionAndManualHaveAll) {
  const std::string bash = Joinctl({"completion", "bash"}).out;
  const std::string zsh = Joinctl({"completion", "zsh"}).out;
  const std::string manual = Joinctl({"manual"}).out;
  for (const char* name : kCommands) {
    EXPECT_NE(bash.find(std::string("\" ") + name + "\")"), std::string::npos) << name;
    EXPECT_NE(zsh.find(std::string("\" ") + name + "\")"), std::string::npos) << name;
    EXPECT_NE(manual.find(std::string(".SS joinctl ") + name), std::string::npos) << name;
  }
  EXPECT_NE(bash.find("\" backends drain\") words=\""), std::string::npos);
  EXPECT_NE(bash.find("--deadline"), std::string::npos);
  const std::string path = testing::TempDir() + "/joinctl.bash";
  std::ofstream(path) << bash;
  EXPECT_EQ(std::system(("bash -n " + path).c_str()), 0);
}

TEST(Commands, BashCompletes) {
  const std::string path = testing::TempDir() + "/joinctl.bash";
  std::ofstream(path) << Joinctl({"completion", "bash"}).out
                      << "COMP_WORDS=(joinctl backends dr); COMP_CWORD=2; _joinctl\n"
                         "[[ ${COMPREPLY[*]} == drain ]] || exit 7\n"
                         "COMP_WORDS=(joinctl rotate web --em); COMP_CWORD=3; _joinctl\n"
                         "[[ ${COMPREPLY[*]} == --emergency ]] || exit 8\n";
  EXPECT_EQ(std::system(("bash " + path).c_str()), 0);
}

}  // namespace
}  // namespace joinery::ctl
