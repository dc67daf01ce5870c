package import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The page for Prometheus, on this machine alone: `GET /metrics`.
package final class MetricsEndpoint: Sendable {
  package static let contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

  private let page: Page
  private let channel: any Channel

  /// Written by the monitor, read by the network's thread.
  fileprivate final class Page: Sendable {
    let text = Mutex("# EOF\n")
  }

  private init(page: Page, channel: any Channel) {
    self.page = page
    self.channel = channel
  }

  /// Port 0 takes any that is free. To be called away from the event loop.
  package static func start(port: Int, group: any EventLoopGroup) throws -> MetricsEndpoint {
    let page = Page()
    let channel = try ServerBootstrap(group: group)
      .serverChannelOption(ChannelOptions.backlog, value: 16)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(PageHandler(page))
        }
      }
      .bind(host: "127.0.0.1", port: port).wait()
    return MetricsEndpoint(page: page, channel: channel)
  }

  package var port: Int { channel.localAddress?.port ?? 0 }

  /// What is shown from now on.
  package func show(_ text: String) { page.text.withLock { $0 = text } }

  package func close() { channel.close(promise: nil) }
}

private final class PageHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let page: MetricsEndpoint.Page
  private var head: HTTPRequestHead?

  init(_ page: MetricsEndpoint.Page) {
    self.page = page
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      answer(head, context)
      self.head = nil
    }
  }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let isPage = head.uri == "/metrics"
    let isRead = head.method == .GET || head.method == .HEAD
    let status: HTTPResponseStatus = !isRead ? .methodNotAllowed : isPage ? .ok : .notFound
    let text = status == .ok ? page.text.withLock { $0 } : ""
    var headers = HTTPHeaders()
    headers.add(name: "Content-Type", value: MetricsEndpoint.contentType)
    headers.add(name: "Content-Length", value: "\(text.utf8.count)")
    if !isRead { headers.add(name: "Allow", value: "GET, HEAD") }
    if !head.isKeepAlive { headers.add(name: "Connection", value: "close") }
    context.write(
      wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
      promise: nil)
    if head.method != .HEAD, !text.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    }
    let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if !head.isKeepAlive {
      let channel = context.channel
      end.whenComplete { _ in channel.close(promise: nil) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
