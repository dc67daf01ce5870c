/// Carries the bytes of one hub connection.
protocol HubTransport: AnyObject {
  func send(_ frame: HubOutbox.Frame)
  func flush()
  /// Bytes that the client has not taken yet.
  var backlog: Int { get }
  /// Sends a WebSocket close frame and ends the connection.
  func close()
  func cut(reset: Bool)
}
