// The keys of `control`.
#include "settings/config.h"
#include "settings/key_words.h"
#include "settings/keys.h"
#include "settings/limits.h"

namespace joinery::settings {

const Section& ControlSection() {
  static const Control model;
  static const Section section{
      .path = "control",
      .meaning =
          "The control daemon that this balancer follows: it says which services there are, and "
          "the balancer goes on by what it was told last when the daemon is gone.",
      .keys = {
          {.name = "unix",
           .type = kPathType,
           .allowed = PathRule(kMaxSocketPathBytes),
           .fallback = "either this or `address`",
           .meaning = "The daemon's socket, when it runs on this machine."},
          {.name = "address",
           .type = kEndpointType,
           .allowed = EndpointRule(),
           .fallback = "either this or `unix`",
           .meaning = "Where the daemon listens, with TLS 1.3."},
          {.name = "tls",
           .type = kSectionType,
           .allowed = "a mapping, with `address` only",
           .fallback = "required with `address`",
           .meaning = "How both sides prove who they are."},
          {.name = "state_dir",
           .type = kPathType,
           .allowed = PathRule(kMaxTextBytes),
           .fallback = model.state_dir,
           .meaning = "Folder of the last good views. They hold keys: only its owner may have "
                      "access to it. It must survive a restart of the machine."},
      }};
  return section;
}

const Section& TlsSection() {
  static const Section section{
      .path = "control.tls",
      .meaning =
          "PEM files. The daemon must prove to be `joinery:control:NAME`; the balancer is "
          "who its own certificate says, `joinery:balancer:NAME`.",
      .keys = {
          {.name = "ca",
           .type = kPathType,
           .allowed = PathRule(kMaxTextBytes),
           .required = true,
           .meaning = "Certificates of those who may issue."},
          {.name = "certificate",
           .type = kPathType,
           .allowed = PathRule(kMaxTextBytes),
           .required = true,
           .meaning = "The balancer's own, with the chain to the CA if there is one."},
          {.name = "key",
           .type = kPathType,
           .allowed = PathRule(kMaxTextBytes),
           .required = true,
           .meaning = "Its private key, which only its owner may read."},
      }};
  return section;
}

}  // namespace joinery::settings
