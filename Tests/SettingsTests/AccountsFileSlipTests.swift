import Testing

@testable import Settings

/// Slips in accounts.yaml.
struct AccountsFileSlipTests {
  @Test(arguments: slips)
  func isReported(_ slip: Slip) throws {
    try slip.check()
  }

  private static func accounts(
    _ name: String, _ old: String, _ new: String, _ report: String...
  ) -> Slip {
    Slip(name: name, file: "config/accounts.yaml", old: old, new: new, report: report)
  }

  private static let noAccount =
    "names no account, and riskd acts on listed accounts only; list one as in "
    + "config/accounts.yaml.example"
  static let slips: [Slip] = [
    accounts(
      "empty file", ConfigurationRoot.accountsText, "# nothing\n",
      "config/accounts.yaml:1: accounts: \(noAccount)"),
    accounts(
      "empty list", ConfigurationRoot.accountsText, "\naccounts: []\n",
      "config/accounts.yaml:2: accounts: \(noAccount)"),
    accounts(
      "no name", "    name: \"SIM-50K-1001\"\n", "",
      "config/accounts.yaml:2: accounts[0].name: is missing; write the name that the venue "
        + "shows, at most 128 printable characters"),
    accounts(
      "id in letters", "1001\n", "MY-ACCOUNT\n",
      "config/accounts.yaml:2: accounts[0].account_id: is \"MY-ACCOUNT\"; write a whole "
        + "number from 1 to 2147483647"),
    accounts(
      "id twice", "  - account_id: 1001\n",
      "  - {account_id: 1001, name: first}\n  - account_id: 1001\n",
      "config/accounts.yaml:3: accounts[1].account_id: account 1001 is there already in line "
        + "2; keep one of the two"),
    accounts(
      "all disabled", "1001\n", "1001\n    enabled: false\n",
      "config/accounts.yaml:1: accounts: has no enabled account; set enabled: true for one"),
    accounts(
      "key in the wrong place", "1001\n", "1001\n    api_key: very-secret\n",
      "config/accounts.yaml:3: accounts[0].api_key: cannot be read; write "
        + "${TOPSTEPX_API_KEY}, and keep the key itself in .env"),
    accounts(
      "two names of one key", "1001\n", "1001\n    id: 1001\n",
      "config/accounts.yaml:3: accounts[0].id: is another name of account_id, and account_id "
        + "is there as well; keep one of the two"),
    accounts(
      "two blocks of rules", "1001\n",
      "1001\n    rule_overrides: {max_contracts: {limit: 3}}\n    config_overrides: {}\n",
      "config/accounts.yaml:4: accounts[0].config_overrides: is another name of rules, and "
        + "rule_overrides is there as well; keep one of the two"),
    accounts(
      "a trading day of its own", "1001\n",
      "1001\n    settings: {reset_time: \"16:00\", timezone: UTC}\n",
      "config/accounts.yaml:3: accounts[0].settings.reset_time: is not the end of the trading "
        + "day, which is 17:00; write system.dailyReset.time in config.yaml, or the same here",
      "config/accounts.yaml:3: accounts[0].settings.timezone: is not the zone of the trading "
        + "day, which is America/Chicago; write system.dailyReset.timezone in config.yaml, or "
        + "the same here"),
    accounts(
      "a file of rules for one account", "1001\n", "1001\n    risk_config_file: mine.yaml\n",
      "config/accounts.yaml:3: accounts[0].risk_config_file: is \"mine.yaml\"; write "
        + "config/risk_config.yaml, and what differs for the account below rules"),
    accounts(
      "typo", "name:", "nam:",
      "config/accounts.yaml:2: accounts[0].name: is missing; write the name that the venue "
        + "shows, at most 128 printable characters",
      "config/accounts.yaml:3: accounts[0].nam: is not a known key; did you mean name?"),
    accounts(
      "override of a limit", "1001\n", "1001\n    rules:\n      max_contracts: {limit: many}\n",
      "config/accounts.yaml:4: accounts[0].rules.max_contracts.limit: is \"many\"; write a "
        + "whole number from 1 to 100000"),
    accounts(
      "override of nothing", "1001\n", "1001\n    rules:\n      max_contracts: {limits: 3}\n",
      "config/accounts.yaml:4: accounts[0].rules.max_contracts.limits: is not a known key; "
        + "did you mean limit?"),
    accounts(
      "account that is a word", "  - account_id: 1001\n", "  - mine\n  - account_id: 1001\n",
      "config/accounts.yaml:2: accounts[0]: is \"mine\"; write a block of keys"),
  ]
}
