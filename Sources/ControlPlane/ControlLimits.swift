package import RiskModel

/// What one client may take of the supervisor.
package struct ControlLimits: Equatable, Sendable {
  package var requestBytes = 4_096
  package var replyBytes = 1_048_576
  /// Connections at a time; the next one is told so and closed.
  package var clients = 16
  /// From the connection, or the last reply, to the end of the next request.
  package var requestTime = TimeSpan.seconds(10)
  /// From the reply to its last byte taken by the client.
  package var replyTime = TimeSpan.seconds(5)
  /// From the request to the reply: longer than the longest wait that can be asked for.
  package var waitTime = TimeSpan.seconds(Int64(RestartRequest.longestTimeoutSeconds) + 60)
  /// Pause before the next client, after the process ran out of descriptors.
  package var acceptPause = TimeSpan.seconds(1)

  package init() {}
}
