# A command that ends when the test says so: it connects to the test's port, and exits with the
# status that it is told. When nothing is told any more, it fails.
use strict;
use warnings;
use IO::Socket::INET;

my $gate = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $ARGV[0])
    or die "the gate is shut: $!\n";
my $status = <$gate>;
exit(defined $status ? int $status : 99);
