// The views over one status that control could have sent.
#include "control/ctl/status_text.h"

#include <gtest/gtest.h>

namespace joinery::ctl {
namespace {

constexpr char kStatus[] = R"({"schema":1,"control":"c1","epoch":3,"scheme":"3.41","load":"3.7",
"waiting":true,"waits_for":["balancer lb2","agent web/b2"],"alarms":["lb1 differs"],
"balancers":[
 {"name":"lb1","leased":true,"lease_left_s":9,"confirmed":true,"report":{"ready":true,
  "scheme":"3.41","load":"3.7","tables":"00112233445566778899","rejected":null}},
 {"name":"lb2","leased":false,"lease_left_s":null,"confirmed":false,"report":null},
 {"name":"lb3","leased":false,"lease_left_s":null,"confirmed":false,"report":{"ready":false,
  "scheme":"3.40","load":"3.7","tables":"ff","rejected":"table_size: 0"}}],
"pools":[{"name":"web","id":77,"handshake":"derived","algorithm":"ff1","generation_bits":2,
 "max_backends":128,"table_size":65537,
 "vips":[{"address":"198.18.1.1","protocol":"tcp",
  "ports":[{"first":80,"last":80},{"first":8000,"last":8099}]}],
 "generations":[
  {"serial":4,"codepoint":0,"state":"draining","told":2,"tokens":5,"keys":0,"draining_for_s":90},
  {"serial":5,"codepoint":1,"state":"active","told":2,"tokens":10,"keys":64,
   "draining_for_s":null}],
 "backends":[
  {"name":"b1","id":23,"address":"198.18.0.11","encap":"l2","weight":1,"state":"draining",
   "healthy":true,"health":{"state":"up","for_s":300,"held_for_s":0,"last_failure":null,
   "checks":150,"failures":0},
   "deadline_in_s":45,"agent":{"confirmed":true,"view":"3.41","rejected":null,
   "encoding":5,"connections":3,"oldest_connection_s":720,
   "findings":[{"name":"rp_filter","ok":false,"detail":"is 1; mend: sysctl"},
    {"name":"mtu","ok":true,"detail":""}]}},
  {"name":"b2","id":150,"address":"198.18.0.12","encap":"gue","weight":2,"state":"up",
   "healthy":false,"health":{"state":"down","for_s":12,"held_for_s":90,
   "last_failure":"connect: Connection refused","checks":151,"failures":9},
   "deadline_in_s":null,"agent":null},
  {"name":"b3","id":3,"address":"198.18.0.13","encap":"l2","weight":1,"state":"up",
   "healthy":true,"health":null,"deadline_in_s":null,"agent":null}]}]})";

StatusView Status() {
  const auto status = ParseStatus(kStatus);
  EXPECT_TRUE(status) << status.error().message;
  return status ? *status : StatusView{};
}

TEST(StatusText, TellsWhatNeedsAPersonFirst) {
  EXPECT_EQ(StatusText(Status()),
            "c1: epoch 3, scheme 3.41, load 3.7\n"
            "WAITING: nothing is published before these have reported: balancer lb2, agent web/b2\n"
            "  If one will not come back: joinctl recover --help\n"
            "ALARM: lb1 differs\n"
            "balancers: 1 of 3 hold a lease\n"
            "POOL  ID  HANDSHAKE  ACTIVE  GENERATIONS  BACKENDS   CONNECTIONS  VIPS\n"
            "web   77  derived    5       2            1 of 3 up  3            "
            "198.18.1.1 tcp 80,8000-8099\n");
}

TEST(StatusText, Backends) {
  EXPECT_EQ(BackendsText(Status(), "web"),
            "BACKEND  ID   ADDRESS      ENCAP  WEIGHT  STATE     HEALTH         CONNECTIONS  "
            "OLDEST  DEADLINE IN\n"
            "web/b1   23   198.18.0.11  l2     1       draining  up for 5 min   3            "
            "12 min  45 s\n"
            "web/b2   150  198.18.0.12  gue    2       up, down  down for 12 s  -            "
            "-       -\n"
            "web/b3   3    198.18.0.13  l2     1       up        -              -            "
            "-       -\n"
            "web/b2: 9 of 151 checks failed, the last: connect: Connection refused\n"
            "web/b2: came and went too often, and is held down for 90 s\n");
  EXPECT_EQ(BackendsText(Status(), "other").find("web/b1"), std::string::npos);
}

TEST(StatusText, Generations) {
  EXPECT_EQ(GenerationsText(Status(), ""),
            "POOL  SERIAL  CODEPOINT  STATE     BACKENDS TOLD  TOKENS  KEYS AHEAD  DRAINING FOR\n"
            "web   4       0          draining  2              5       0           90 s\n"
            "web   5       1          active    2              10      64          -\n");
}

TEST(StatusText, Balancers) {
  EXPECT_EQ(BalancersText(Status()),
            "BALANCER  LEASE     READY  CONFIRMED  SCHEME  LOAD  TABLES\n"
            "lb1       9 s left  yes    yes        3.41    3.7   001122334455\n"
            "lb2       none      -      -          -       -     -\n"
            "lb3       none      no     no         3.40    3.7   ff\n"
            "lb3 rejects what it was sent: table_size: 0\n");
}

TEST(StatusText, Agents) {
  EXPECT_EQ(AgentsText(Status(), ""),
            "AGENT   CONFIRMED  VIEW  ENCODES  CONNECTIONS  FINDINGS\n"
            "web/b1  yes        3.41  5        3            1 problem\n"
            "web/b2  -          -     -        -            has not reported\n"
            "web/b3  -          -     -        -            has not reported\n"
            "web/b1: rp_filter: is 1; mend: sysctl\n");
}

TEST(StatusText, ADrainHasANumberAndAnEnd) {
  StatusView status = Status();
  EXPECT_EQ(DrainText("web", status.pools[0].backends[0]),
            "web/b1: draining: 3 connections left, the oldest 12 min old; the deadline is in 45 s");
  status.pools[0].backends[0].agent->connections = 0;
  status.pools[0].backends[0].deadline_in_s.reset();
  EXPECT_EQ(DrainText("web", status.pools[0].backends[0]), "web/b1: draining: no connection left");
  EXPECT_NE(DrainText("web", status.pools[0].backends[1]).find("is unknown"), std::string::npos);
}

TEST(StatusText, AForcedRetirementHasAPrice) {
  const StatusView status = Status();
  EXPECT_NE(RetireCostText(status.pools[0].generations[0]).find("names 5 tokens"),
            std::string::npos);
  EXPECT_EQ(RetireCostText(GenerationView()), "");
}

TEST(StatusView, FindsByName) {
  const StatusView status = Status();
  EXPECT_EQ(FindBackend(status, "web", "b2")->id, 150U);
  EXPECT_EQ(FindBackend(status, "web", "b9"), nullptr);
  EXPECT_EQ(FindPool(status, "mail"), nullptr);
}

TEST(StatusView, SaysWhatItDoesNotUnderstand) {
  EXPECT_FALSE(ParseStatus("{}"));
  EXPECT_FALSE(ParseStatus(R"({"schema":1})"));
}

}  // namespace
}  // namespace joinery::ctl
