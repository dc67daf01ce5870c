import RiskModel
import Testing

@testable import AdminConsole

/// What the console shows.
@Suite struct SheetTests {
  private let book = RuleBook([
    RuleField(key: "global.strict_mode", value: "false", isSet: true),
    RuleField(key: "rules.max_contracts.limit", value: "5", isSet: true),
    RuleField(key: "rules.max_contracts.enabled", value: "true", isSet: true),
    RuleField(key: "rules.max_contracts.count_type", value: "net", isSet: false),
    RuleField(key: "rules.daily_realized_loss.enabled", value: "true", isSet: true),
    RuleField(key: "rules.daily_realized_loss.loss_limit", value: "-500.00", isSet: true),
    RuleField(
      key: "rules.daily_realized_loss.action", value: "CLOSE_ALL_AND_LOCKOUT", isSet: false),
    RuleField(key: "rules.symbol_blocks.enabled", value: "false", isSet: true),
    RuleField(key: "rules.symbol_blocks.blocked_symbols[0]", value: "RTY", isSet: true),
    RuleField(key: "rules.symbol_blocks.blocked_symbols[1]", value: "CL", isSet: true),
    RuleField(key: "rules.max_unrealized_profit.mode", value: "breakeven", isSet: true),
    RuleField(key: "rules.max_contracts_per_instrument.limits.ES", value: "1", isSet: true),
    RuleField(key: "rules.max_contracts_per_instrument.limits.NQ", value: "2", isSet: true),
  ])

  @Test func `every rule has a line`() {
    let lines = book.list.split(separator: "\n").map(String.init)
    #expect(lines.count == 14)
    #expect(lines[1].hasPrefix("001  max_contracts"))
    #expect(lines[1].contains("on     5 net"))
    #expect(lines[2].contains("ES 1, NQ 2"))
    #expect(lines[3].contains("$500.00 a day  CLOSE_ALL_AND_LOCKOUT"))
    #expect(lines[5].contains("back at entry"))
    #expect(lines[11].contains("off    RTY, CL"))
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  @Test func `the fields of a rule are numbered, the switch first`() {
    #expect(
      book.sheet(.maxContracts) == """
        RULE-001 max_contracts
        1  enabled     true
        2  limit       5
        3  count_type  net   (default)

        """)
    #expect(book.sheet(.dailyRealizedProfit) == "daily_realized_profit is not in the file: off\n")
    #expect(book[.symbolBlocks].value("blocked_symbols") == "[RTY, CL]")
  }

  @Test(
    arguments: [
      ("3", RuleID.dailyRealizedLoss), ("RULE-012", .tradeManagement), ("rule-001", .maxContracts),
      (" symbol_blocks ", .symbolBlocks), ("13", .dailyRealizedProfit), ("0", nil), ("14", nil),
      ("SAFETY", nil), ("", nil), ("system.failClosed", nil),
    ] as [(String, RuleID?)])
  func `a rule has a number and a name`(text: String, rule: RuleID?) {
    #expect(RuleBook.rule(named: text) == rule)
  }

  @Test func `the menus fit a small terminal, and no item ends a lockout`() {
    for menu in AdminMenu.allCases {
      #expect(menu.items.last?.key == "0")
      #expect(Set(menu.items.map(\.key)).count == menu.items.count)
      #expect(menu.text.split(separator: "\n").allSatisfy { $0.count <= 80 })
      for item in menu.items {
        #expect(menu.choice(" \(item.key.lowercased()) ") == item)
        #expect(!item.label.contains("lock"))
      }
      #expect(menu.choice("x") == nil)
    }
    #expect(AdminMenu.main.items.count == 7)
  }

  @Test func `tables are cut to the terminal and show no control characters`() {
    let text = TableText.render([["a", String(repeating: "x", count: 90)], ["long", "\u{1B}[2J"]])
    let lines = text.split(separator: "\n")
    #expect(lines[0].count == 80)
    #expect(lines[0].hasSuffix("..."))
    #expect(lines[1] == "long  ?[2J")
  }

  @Test func `accounts, connections and the service have their tables`() {
    #expect(
      AccountLine.list([
        AccountLine(id: 1001, name: "SIM", nickname: nil, isEnabled: true),
        AccountLine(
          id: 7, name: "B", nickname: "Combine", isEnabled: false, ownRules: ["max_contracts.limit"]
        ),
      ]) == """
        ACCOUNT  NAME  NICKNAME  STATE   OWN RULES
        1001     SIM   -         active  -
        7        B     Combine   paused  max_contracts.limit

        """)
    #expect(
      ConnectionLine.table([
        ConnectionLine("REST", isGood: true, milliseconds: 12, "signed in"),
        ConnectionLine("database", isGood: false, "is not there"),
      ]) == """
        SUBJECT   RESULT   TIME  DETAIL
        REST      ok      12 ms  signed in
        database  FAILED      -  is not there

        """)
    var sheet = ServiceSheet(unit: "riskd.service", state: "active (running)")
    #expect(sheet.text.contains("PID          -"))
    sheet.pid = 7
    sheet.uptimeSeconds = 2 * 86_400 + 3_661
    sheet.processorPerMille = 15
    sheet.memoryKiB = 20_480
    #expect(
      sheet.text.contains("Uptime       2 d 01:01:01\nCPU          1.5 %\nMemory       20 MiB"))
    #expect(ServiceSheet.span(59) == "00:00:59")
  }

  @Test func `the state shows what is known and what is not`() {
    var sheet = DaemonSheet(
      state: "running", connections: ["user hub connected", "token until then"])
    #expect(sheet.text.hasSuffix("Last events:\n  none\n"))
    sheet.problem = "riskd shows nothing"
    sheet.accounts = [
      .init(
        name: "SIM", realized: Money(dollars: -120), open: nil, positions: 1, orders: 2,
        lockouts: ["RULE-003 until the daily reset"]),
      .init(
        name: "B", realized: Money(dollars: 7), open: .zero, positions: 0, orders: 0, lockouts: []),
    ]
    sheet.events = (1...12).map { "event \($0)" }
    #expect(
      sheet.text == """
        Service      running
        Workers      -
        Connections  user hub connected
                     token until then
        Accounts: riskd shows nothing
        ACCOUNT  REALIZED     OPEN  POSITIONS  ORDERS  LOCKOUTS
        SIM       -120.00  unknown          1       2         1
        B           +7.00     0.00          0       0         0
          SIM: RULE-003 until the daily reset
        Last events:

        """ + (3...12).map { "  event \($0)\n" }.joined())
  }
}
