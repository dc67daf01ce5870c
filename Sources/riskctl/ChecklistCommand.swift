import ArgumentParser
import Checklist
import ControlPlane
import Workers

struct ChecklistGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checklist",
    abstract: "Goes through the checks of a deployment (root; in a console riskd's own user).",
    discussion: """
      ✅ was seen, ❌ has failed, ⏳ is too early to say, ☐ is for a person. Exits with 1 when \
      something has failed. Nothing is changed. ops/CHECKLIST.md has every line.
      """)

  @Argument(
    help: "pre (before the start), immediate (0 to 5 minutes after), hour, day, or rollback")
  var phase: Check.Phase
  @OptionGroup var place: RootOption
  @Flag(help: "One JSON object; its keys are only ever added to.")
  var json = false
  @Flag(help: "Also exit with 1 while something is too early to say.")
  var complete = false
  @Flag(help: "Also ask the venue: pre.venue and rollback.data. Nothing is changed there.")
  var online = false

  func run() throws {
    try ChecklistCommand.run(
      phase, root: place.root, authority: ControlClient(path: place.root + "/run/control.sock"),
      asJSON: json, complete: complete, online: online
    ).finish()
  }
}

extension Check.Phase: ExpressibleByArgument {}
