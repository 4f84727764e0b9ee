// Runs the Java consumer: each line of the input is one call of SP-API, or makes it forget everything.
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

class Consumer {
    static AccessTokens begin() {
        return new AccessTokens(
                SecretsManagerClient.create(),
                System.getenv("SECRET_ID"),
                "Atzr|a",
                URI.create(System.getenv("AMAZON") + "/token"),
                System.getenv("CLIENT_ID_FIELD"),
                System.getenv("CLIENT_SECRET_FIELD"));
    }

    public static void main(String[] arguments) throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest.Builder orders = HttpRequest.newBuilder(URI.create(System.getenv("AMAZON") + "/orders"));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        AccessTokens tokens = begin();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.equals("forget")) {
                tokens = begin();
            }
            try {
                System.out.println(tokens.call(token -> http.send(
                                orders.copy().header("x-amz-access-token", token).build(),
                                HttpResponse.BodyHandlers.ofString()))
                        .statusCode());
            } catch (IOException error) {
                System.out.println(error.getMessage());
            }
        }
    }
}
