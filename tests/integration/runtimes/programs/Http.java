// SPDX-License-Identifier: LGPL-2.1-or-later
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

class Http {
    public static void main(String[] arguments) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://server.example/")).build();
        String body = HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
        if (!body.equals("hello") || !InetAddress.getByName("server.example").isLoopbackAddress())
            throw new Exception(body);
        System.out.println("works");
        System.exit(0);
    }
}
