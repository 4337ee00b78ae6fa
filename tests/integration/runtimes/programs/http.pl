# SPDX-License-Identifier: LGPL-2.1-or-later
use strict;
use warnings;
use HTTP::Tiny;

my $response = HTTP::Tiny->new->get('http://server.example/');
$response->{content} eq 'hello' or die $response->{content};
print "works\n";
