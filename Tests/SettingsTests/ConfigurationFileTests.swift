import Glibc
import RiskModel
import Testing

@testable import Settings

/// Files that cannot be used as they are.
struct ConfigurationFileTests {
  @Test(
    arguments: [
      (".env", 0o640), (".env", 0o604), ("config/accounts.yaml", 0o644),
      ("config/accounts.yaml", 0o610),
    ] as [(String, mode_t)])
  func privateFilesAreThePrivateBusinessOfTheirOwner(_ name: String, mode: mode_t) throws {
    let root = try ConfigurationRoot()
    try #require(chmod("\(root.path)/\(name)", mode) == 0)
    let octal = "0" + String(mode, radix: 8)
    #expect(
      root.problems()
        == "\(name): has mode \(octal), which lets others use it; run chmod 600 \(name)\n")
    try #require(chmod("\(root.path)/\(name)", 0o400) == 0)
    #expect(root.problems().isEmpty)
  }

  @Test func writableRulesAndAnOpenDirectoryAreRefused() throws {
    let root = try ConfigurationRoot()
    try #require(chmod("\(root.path)/config/risk_config.yaml", 0o664) == 0)
    try #require(chmod("\(root.path)/config", 0o755) == 0)
    #expect(
      root.problems() == """
        config: has mode 0755, so others may look into it; run chmod 700 config
        config/risk_config.yaml: has mode 0664, so others may change the rules; \
        run chmod go-w config/risk_config.yaml

        """)
  }

  @Test func aFIFODoesNotHoldUpTheStart() throws {
    let root = try ConfigurationRoot()
    root.remove("config/config.yaml")
    try #require(mkfifo("\(root.path)/config/config.yaml", 0o600) == 0)
    #expect(root.problems().contains("config/config.yaml: is not a file; "))
  }

  @Test func aDirectoryIsNoFile() throws {
    let root = try ConfigurationRoot()
    root.remove(".env")
    try #require(mkdir("\(root.path)/.env", 0o700) == 0)
    #expect(root.problems().contains(".env: is not a file; "))
  }

  @Test func aPathThroughAFileCannotBeRead() throws {
    let root = try ConfigurationRoot()
    #expect(
      root.problems(["CONFIG_PATH": ".env/config.yaml"])
        == ".env/config.yaml: cannot be read: Not a directory; make it readable for riskd\n")
  }

  @Test func tooLarge() throws {
    let root = try ConfigurationRoot()
    let line = "# a line of a log that was put in the wrong place\n"
    let text = String(
      repeating: line, count: ConfigurationFile.mostBytes / line.utf8.count + 1)
    try root.write(text, to: "config/config.yaml")
    #expect(
      root.problems()
        == "config/config.yaml: is larger than 256 KiB; put the configuration there, and nothing "
        + "else\n")
  }

  @Test func notUTF8() throws {
    let root = try ConfigurationRoot()
    try root.write([0x61, 0x3A, 0x20, 0xFF, 0x0A], to: "config/risk_config.yaml")
    #expect(
      root.problems() == "config/risk_config.yaml: is not UTF-8 text; save it as UTF-8\n")
  }

  @Test func controlCharactersInYAML() throws {
    let root = try ConfigurationRoot()
    try root.write("api: \"\u{1}\"\n", to: "config/config.yaml")
    #expect(
      root.problems()
        == "config/config.yaml: is not valid YAML: control characters are not allowed; save it as "
        + "plain UTF-8 text\n")
  }

  /// libyaml bounds the depth; a file that is nested deeper is a problem and not a crash.
  @Test func nestingHasAnEnd() throws {
    let root = try ConfigurationRoot()
    try root.write("api: " + String(repeating: "[", count: 20_000), to: "config/config.yaml")
    #expect(root.problems().contains("config/config.yaml:1: is not valid YAML in column"))
  }

  /// Aliases may repeat a value; a file that multiplies itself costs nothing, because only known
  /// keys are followed.
  @Test func aliases() throws {
    let root = try ConfigurationRoot()
    try root.replace(
      "api:\n",
      with: "supervision: {crashWindowSeconds: &t 60, markGoodAfterSeconds: *t}\napi:\n",
      in: "config/config.yaml")
    #expect(try root.accepted().settings.supervision.markGoodAfter == .seconds(60))
    var text = "a0: &a0 [x]\n"
    for level in 1...40 {
      text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n"
    }
    try root.write(text, to: "config/config.yaml")
    #expect(root.problems().contains("config/config.yaml:41: a40: is not a known key"))
  }
}
