/* The floor of `make bench`: 1000 veth pairs from one namespace to another, with addresses and up, in C.
 *
 *     floor NEAR FAR COUNT        the two are paths of network namespaces
 *
 * How it works: both netlink sockets are opened first (setns, socket), then three batches go out, 256 messages a send, every
 * one acknowledged: the pairs (made in place: the far end names its namespace and index), then address and up of the near
 * ends, then of the far ends. Exit code 1 and a word on stderr if the kernel refuses anything. Nothing is freed: it is over
 * in half a second.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WINDOW = 256, FIRST = 1000 };

static char buffer[WINDOW * 512];
static size_t used;
static int waiting;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int socket_inside(const char *path, int *space)
{
    *space = open(path, O_RDONLY | O_CLOEXEC);
    if (*space < 0 || setns(*space, CLONE_NEWNET) < 0)
        fail(path);
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    int size = 4 << 20;
    if (netlink < 0)
        fail("socket");
    setsockopt(netlink, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(netlink, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    return netlink;
}

static struct rtattr *put(int type, const void *data, size_t length)
{
    struct rtattr *attribute = (struct rtattr *)(buffer + used);
    attribute->rta_type = type;
    attribute->rta_len = RTA_LENGTH(length);
    if (length)
        memcpy(RTA_DATA(attribute), data, length);
    used += RTA_SPACE(length);
    return attribute;
}

static void end(struct rtattr *nest)
{
    nest->rta_len = buffer + used - (char *)nest;
}

static struct nlmsghdr *begin(int type, int flags, const void *body, size_t length)
{
    struct nlmsghdr *message = (struct nlmsghdr *)(buffer + used);
    memset(message, 0, sizeof *message);
    message->nlmsg_type = type;
    message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    memcpy(NLMSG_DATA(message), body, length);
    used += NLMSG_SPACE(length);
    return message;
}

static void read_acknowledgements(int netlink)
{
    static char answer[1 << 16];
    while (waiting) {
        int left = recv(netlink, answer, sizeof answer, 0);
        if (left < 0)
            fail("recv");
        for (struct nlmsghdr *m = (struct nlmsghdr *)answer; NLMSG_OK(m, (unsigned)left); m = NLMSG_NEXT(m, left)) {
            if (m->nlmsg_type != NLMSG_ERROR)
                continue;
            errno = -((struct nlmsgerr *)NLMSG_DATA(m))->error;
            if (errno)
                fail("the kernel");
            waiting--;
        }
    }
}

static void flush(int netlink)
{
    if (used && send(netlink, buffer, used, 0) < 0)
        fail("send");
    used = 0;
    read_acknowledgements(netlink);
}

static void finish(int netlink, struct nlmsghdr *message)
{
    message->nlmsg_len = buffer + used - (char *)message;
    if (++waiting == WINDOW)
        flush(netlink);
}

static void add_pair(int netlink, int i, unsigned far)
{
    struct ifinfomsg link = {.ifi_index = FIRST + i};
    char name[IFNAMSIZ];
    struct nlmsghdr *message = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
    put(IFLA_IFNAME, name, snprintf(name, sizeof name, "a%d", i) + 1);
    struct rtattr *info = put(IFLA_LINKINFO, NULL, 0);
    put(IFLA_INFO_KIND, "veth", 4);
    struct rtattr *data = put(IFLA_INFO_DATA, NULL, 0), *peer = put(VETH_INFO_PEER, &link, sizeof link);
    put(IFLA_IFNAME, name, snprintf(name, sizeof name, "b%d", i) + 1);
    put(IFLA_NET_NS_FD, &far, sizeof far);
    end(peer);
    end(data);
    end(info);
    finish(netlink, message);
}

static void configure(int netlink, int i, int host)
{
    struct ifaddrmsg body = {.ifa_family = AF_INET, .ifa_prefixlen = 30, .ifa_index = FIRST + i};
    struct in_addr address = {htonl(10u << 24 | (i >> 6) << 16 | (i & 63) * 4 << 8 | host)};
    struct nlmsghdr *message = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    put(IFA_LOCAL, &address, sizeof address);
    put(IFA_ADDRESS, &address, sizeof address);
    finish(netlink, message);
    struct ifinfomsg link = {.ifi_index = FIRST + i, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    finish(netlink, begin(RTM_NEWLINK, 0, &link, sizeof link));
}

int main(int count, char **words)
{
    int near_space, far_space;
    if (count != 4)
        return fputs("usage: floor NEAR FAR COUNT\n", stderr), 2;
    int near = socket_inside(words[1], &near_space), far = socket_inside(words[2], &far_space), pairs = atoi(words[3]);
    for (int i = 0; i < pairs; i++)
        add_pair(near, i, far_space);
    flush(near);
    for (int i = 0; i < pairs; i++)
        configure(near, i, 1);
    flush(near);
    for (int i = 0; i < pairs; i++)
        configure(far, i, 2);
    flush(far);
    return 0;
}
