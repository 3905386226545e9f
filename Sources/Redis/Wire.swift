import NIOCore

/// One connection in NIO's pipeline: greets Redis, then hands every reply to its line.
final class Wire: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let line: Line
    private let round: Int
    private let greeting: Greeting
    private var reader = Reader()
    private var answered = 0

    /// `round` tells the line which of its connections speaks.
    init(_ line: Line, round: Int, greeting: Greeting) {
        self.line = line
        self.round = round
        self.greeting = greeting
    }

    func channelActive(context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(capacity: 256)
        for command in greeting.commands { command.write(into: &buffer) }
        context.channel.writeAndFlush(buffer, promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(Fault) {
            let replies = try reader.read(unwrapInboundIn(data))
            if answered == greeting.commands.count {
                line.received(replies, in: round)
            } else {
                try greet(replies, context.channel)
            }
        } catch {
            line.ended(error, in: round)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        line.ended(.lost("Redis closed the connection"), in: round)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        line.ended(.lost(Dialer.explain(error)), in: round)
    }

    private func greet(_ replies: [Reply], _ channel: any Channel) throws(Fault) {
        for reply in replies {
            // Nothing was asked after the greeting yet, so Redis has no more to say.
            guard answered < greeting.commands.count else { throw .lost("Redis answered what nobody asked") }
            try greeting.judge(reply, at: answered)
            answered += 1
            if answered == greeting.commands.count {
                line.opened(channel, identity: reply.integer, in: round)
            }
        }
    }
}
