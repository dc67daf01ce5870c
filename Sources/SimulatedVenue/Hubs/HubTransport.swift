/// Carries the bytes of one hub connection.
protocol HubTransport: AnyObject {
  func send(_ frame: HubOutbox.Frame)
  func flush()
  /// Bytes that the client has not taken yet.
  var backlog: Int { get }
  /// Sends a WebSocket close frame and ends the connection.
  func close(code: UInt16)
  func sendPing()
  func sendBinary(_ bytes: [UInt8])
  func cut(reset: Bool)
}
