import Checklist
import Glibc

/// The rules of nftables, as far as they concern the user that riskd runs as.
enum FirewallSight {
  private static let programs = ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"]

  /// Hidden where they cannot be listed: by somebody else than root, or without nftables.
  static func look(_ user: String) -> Sighting<FirewallFacts> {
    guard geteuid() == 0 else { return .hidden("only root may list them") }
    guard let program = programs.first(where: { access($0, X_OK) == 0 }) else {
      return .hidden("there is no nft on this machine")
    }
    guard let entry = getpwnam(user) else { return .hidden("there is no user \(user)") }
    let number = entry.pointee.pw_uid
    let (code, output) = ServicePorts().run([program, "list", "ruleset"])
    guard code == 0 else {
      return .hidden("nft: \(output.split(separator: "\n").first ?? "exit code \(code)")")
    }
    return .seen(judge(output, user: user, number: number))
  }

  /// A chain of outgoing packets has to hold the user to addresses that are named, and refuse the rest.
  static func judge(_ ruleset: String, user: String, number: UInt32) -> FirewallFacts {
    var facts = FirewallFacts(user: user)
    let names = ["\(number)", "\"\(user)\"", user]
    let blocks = Block.parse(ruleset)
    let chain = blocks.first { block in
      block.lines.contains { $0.contains("hook output") }
        && block.lines.contains { line in
          names.contains { line.contains("skuid \($0) ") || line.contains("skuid != \($0) ") }
        }
    }
    guard let chain else {
      facts.problem = "no rule limits where user \(user) may go"
      return facts
    }
    let rules = chain.lines.filter { !$0.hasPrefix("type ") }
    let isClosed =
      chain.lines.contains { $0.contains("policy drop") }
      || rules.last.map { rule in
        (rule.contains("reject") || rule.contains("drop")) && !rule.contains("dport")
          && !rule.contains("daddr")
      } ?? false
    let open = rules.first { rule in
      rule.hasSuffix("accept") && !rule.contains("daddr") && !rule.contains("oifname \"lo\"")
        && !rule.contains("skuid !=")
    }
    let addresses = rules.filter { $0.contains("daddr") && $0.hasSuffix("accept") }
    if !isClosed {
      facts.problem = "the rules for user \(user) end without a refusal"
    } else if let open {
      facts.problem = "the rules for user \(user) let it go anywhere: \(open)"
    } else if !addresses.contains(where: { leads($0, to: "443", blocks) }) {
      facts.problem = "the rules for user \(user) name no address at port 443"
    }
    return facts
  }

  /// Whether a rule lets packets to that port of at least one address.
  private static func leads(_ rule: String, to port: String, _ blocks: [Block]) -> Bool {
    let words = rule.split(separator: " ")
    guard words.contains(where: { $0 == port }), let place = words.firstIndex(of: "daddr") else {
      return false
    }
    let target = words[place + 1]
    guard target.hasPrefix("@") else { return true }
    return blocks.contains { block in
      block.name == "set \(target.dropFirst())"
        && block.lines.contains { $0.hasPrefix("elements = {") }
    }
  }

  /// What stands between braces at the end of lines, innermost.
  private struct Block {
    var name: String
    var lines: [String] = []

    static func parse(_ text: String) -> [Block] {
      var open: [Block] = []
      var found: [Block] = []
      for line in text.split(separator: "\n").map(trimmed) {
        if line.hasSuffix("{"), !line.hasPrefix("elements") {
          open.append(Block(name: trimmed(line.dropLast())))
        } else if line == "}", let block = open.popLast() {
          found.append(block)
        } else if !open.isEmpty {
          open[open.count - 1].lines.append(line)
        }
      }
      return found
    }

    private static func trimmed(_ text: Substring) -> String {
      let start = text.firstIndex { $0 != " " && $0 != "\t" } ?? text.endIndex
      let end = text.lastIndex { $0 != " " && $0 != "\t" } ?? start
      return start == text.endIndex ? "" : String(text[start...end])
    }
  }
}
