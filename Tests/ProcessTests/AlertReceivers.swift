import Testing

/// A receiver for each channel of alerts, and the shipped rules that lead to them.
struct AlertReceivers {
  let web: AlertReceiver
  let mail: AlertReceiver

  /// For a stage whose processes can be made to use more memory.
  init() throws {
    #expect(MemoryLoad.isBuilt)
    web = try AlertReceiver(.web)
    mail = try AlertReceiver(.mail)
  }

  func close() {
    web.close()
    mail.close()
  }

  /// The shipped rules, with channels on this machine.
  func monitoring() throws -> String {
    var text = try StageRoot.shipped("monitoring.yaml")
    let changes = [
      ("repeatAfterSeconds: 900", "repeatAfterSeconds: 86400"),
      ("enabled: false                 # true: alerts are mailed", "enabled: true"),
      ("smtp_host: \"smtp.gmail.com\"", "smtp_host: \"127.0.0.1\""),
      ("smtp_port: 587", "smtp_port: \(mail.port)"), ("starttls: true", "starttls: false"),
      ("enabled: false                 # true: alerts are posted", "enabled: true"),
      (
        "\"https://hooks.slack.com/services/YOUR/WEBHOOK/URL\"",
        "\"http://127.0.0.1:\(web.port)/alerts\""
      ),
    ]
    for (old, new) in changes {
      guard text.contains(old) else { throw StageFailure("monitoring.yaml has no '\(old)'") }
      text = text.replacing(old, with: new)
    }
    return text
  }
}
