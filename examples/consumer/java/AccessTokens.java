import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/** Access tokens for the Selling Partner API, across rotations of the client secret. */
public final class AccessTokens {
    public static final URI LWA = URI.create("https://api.amazon.com/auth/o2/token");

    /** A call of SP-API with a token. */
    public interface Call {
        HttpResponse<String> send(String token) throws IOException, InterruptedException;
    }

    private record Credentials(String clientId, String clientSecret) {}

    private final HttpClient http = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
    private final ObjectMapper json = new ObjectMapper();
    private final SecretsManagerClient secrets;
    private final String secretId;
    private final String refreshToken;
    private final URI tokenUrl;
    private final String clientIdField;
    private final String clientSecretField;
    private Credentials current;
    private String token;
    private Instant until = Instant.MIN;

    /** The fields are the keys of the secret's JSON object, as in the props of the application. */
    public AccessTokens(
            SecretsManagerClient secrets,
            String secretId,
            String refreshToken,
            URI tokenUrl,
            String clientIdField,
            String clientSecretField) {
        this.secrets = secrets;
        this.secretId = secretId;
        this.refreshToken = refreshToken;
        this.tokenUrl = tokenUrl;
        this.clientIdField = clientIdField;
        this.clientSecretField = clientSecretField;
    }

    /** For the header x-amz-access-token. */
    public synchronized String get() throws IOException, InterruptedException {
        if (token == null || Instant.now().isAfter(until)) {
            mint();
        }
        return token;
    }

    /** Calls SP-API with a token; after a 403 once more, with the secret read anew. */
    public HttpResponse<String> call(Call call) throws IOException, InterruptedException {
        HttpResponse<String> answer = call.send(get());
        if (answer.statusCode() != 403) {
            return answer;
        }
        synchronized (this) {
            current = null;
            token = null;
        }
        return call.send(get());
    }

    private void mint() throws IOException, InterruptedException {
        if (current != null && exchange(current)) {
            return;
        }
        for (String stage : new String[] {"AWSCURRENT", "AWSPREVIOUS"}) {
            Credentials credentials = read(stage);
            if (credentials != null && exchange(credentials)) {
                current = credentials;
                return;
            }
        }
        throw new IOException("LWA takes neither the current nor the previous client secret");
    }

    private Credentials read(String stage) throws IOException {
        try {
            String text = secrets.getSecretValue(request -> request.secretId(secretId).versionStage(stage)).secretString();
            JsonNode secret = json.readTree(text);
            return new Credentials(
                    secret.required(clientIdField).textValue(), secret.required(clientSecretField).textValue());
        } catch (ResourceNotFoundException error) {
            if (stage.equals("AWSPREVIOUS")) {
                return null;
            }
            throw error;
        }
    }

    /** False: LWA does not know this client secret. */
    private boolean exchange(Credentials credentials) throws IOException, InterruptedException {
        Map<String, String> form = Map.of(
                "grant_type", "refresh_token",
                "refresh_token", refreshToken,
                "client_id", credentials.clientId(),
                "client_secret", credentials.clientSecret());
        String text = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        HttpRequest request = HttpRequest.newBuilder(tokenUrl)
                .timeout(Duration.ofSeconds(10))
                .header("content-type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(text))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        JsonNode body = json.readTree(answer.body());
        String problem = body.path("error").asText();
        if (problem.equals("invalid_client")) {
            return false;
        }
        if (answer.statusCode() != 200) {
            throw new IOException("LWA answers " + answer.statusCode() + " " + problem);
        }
        token = body.required("access_token").textValue();
        until = Instant.now().plusSeconds(body.required("expires_in").intValue() - 60L);
        return true;
    }
}
