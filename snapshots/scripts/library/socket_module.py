# Sockets: pairs, streams, datagrams, names, control messages, timeouts, wrong arguments.
import os
import socket
import _socket


def attempt(function, *args):
    try:
        print(function.__name__, *args, "->", function(*args))
    except (OSError, TypeError, ValueError, OverflowError) as error:
        print(function.__name__, *args, "->", repr(error))


a, b = socket.socketpair()
print(a.family, a.type, a.proto, repr(a.getsockname()), repr(a.getpeername()))
a.sendall(b"hello")
print(b.recv(2), b.recv_into(bytearray(10)))
socket.send_fds(a, [b"x"], [0, 1])
message, descriptors, flags, address = socket.recv_fds(b, 10, 5)
print(message, len(descriptors), flags, address)
for descriptor in descriptors:
    os.close(descriptor)
a.settimeout(0.05)
attempt(a.recv, 1)
print(a.gettimeout(), a.getblocking(), a.timeout)
a.setblocking(False)
attempt(a.recv, 1)
print(a.sendmsg([b"ab", b"cd"]), b.recvmsg(3, 100))
buffers = [bytearray(2), bytearray(2)]
print(b.recvmsg_into(buffers), buffers)
a.shutdown(socket.SHUT_WR)
print(b.recv(5))
with socket.create_server(("127.0.0.1", 0)) as server:
    client = socket.create_connection(server.getsockname())
    peer, address = server.accept()
    print(address == client.getsockname() == peer.getpeername())
    file = peer.makefile("rw")
    file.write("line\n")
    file.flush()
    print(client.recv(100))
    client.close()
    print(repr(file.read()))
    file.close()
    peer.close()
receiver, sender = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
receiver.bind(("127.0.0.1", 0))
print(sender.sendto(b"datagram", receiver.getsockname()), receiver.recvfrom(4)[0])
attempt(socket.create_connection, ("127.0.0.1", 1))
for address in (1, (), ("a",), ("127.0.0.1", "x"), ("127.0.0.1", 65536), (1, 1)):
    attempt(sender.bind, address)
local = socket.socket(socket.AF_UNIX)
for address in (1, "a" * 108):
    attempt(local.bind, address)
for value in (-1, 1 << 16, 1 << 32, -(1 << 70), 1.5):
    attempt(socket.htons, value)
    attempt(socket.htonl, value)
for packed in (b"\x7f\0\0\1", b"x"):
    attempt(socket.inet_ntoa, packed)
for family, text in ((socket.AF_INET6, "::1"), (socket.AF_INET, "1.2.3"), (99, "x")):
    attempt(socket.inet_pton, int(family), text)
attempt(socket.inet_ntop, 10, bytes(15) + b"\1")
attempt(socket.inet_aton, "10.1")
attempt(_socket.getaddrinfo, "127.0.0.1", 80, 0, 1)
attempt(_socket.getaddrinfo, 1, 1)
attempt(_socket.getaddrinfo, "127.0.0.1", "no such service")
attempt(_socket.getnameinfo, ("127.0.0.1", 80), 3)
attempt(_socket.getnameinfo, (1, 2), 3)
attempt(sender.setsockopt, 1, 2, "x")
attempt(sender.setsockopt, 1, 2)
attempt(sender.getsockopt, 1, 3)
attempt(sender.getsockopt, 1, 2, 2000)
attempt(sender.recv, -1)
attempt(sender.recv_into, b"bytes")
attempt(sender.recv_into, bytearray(3), 5)
attempt(sender.sendmsg, [b""], [(1, 2)])
attempt(sender.settimeout, -1)
attempt(sender.settimeout, "x")
for s in (a, b, receiver, sender, local):
    s.close()
attempt(a.recv, 1)
print(a.fileno(), a)
