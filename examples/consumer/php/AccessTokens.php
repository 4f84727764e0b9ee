<?php

/** Access tokens for the Selling Partner API, across rotations of the client secret. */
final class AccessTokens
{
    private ?array $current = null;
    private ?string $token = null;
    private float $until = 0;

    /**
     * @param \Aws\SecretsManager\SecretsManagerClient $secrets
     * @param string $clientIdField key of the secret's JSON object, as in the props of the application
     */
    public function __construct(
        private readonly object $secrets,
        private readonly string $secretId,
        private readonly string $refreshToken,
        private readonly string $tokenUrl = 'https://api.amazon.com/auth/o2/token',
        private readonly string $clientIdField = 'clientId',
        private readonly string $clientSecretField = 'clientSecret',
    ) {
    }

    /** For the header x-amz-access-token. */
    public function get(): string
    {
        if ($this->token === null || microtime(true) > $this->until) {
            $this->mint();
        }
        return $this->token;
    }

    /** Calls SP-API with a token; after a 403 once more, with the secret read anew. `$send` returns [status, body]. */
    public function call(callable $send): array
    {
        $answer = $send($this->get());
        if ($answer[0] !== 403) {
            return $answer;
        }
        $this->current = $this->token = null;
        return $send($this->get());
    }

    private function mint(): void
    {
        if ($this->current !== null && $this->exchange($this->current)) {
            return;
        }
        foreach (['AWSCURRENT', 'AWSPREVIOUS'] as $stage) {
            $credentials = $this->read($stage);
            if ($credentials !== null && $this->exchange($credentials)) {
                $this->current = $credentials;
                return;
            }
        }
        throw new RuntimeException('LWA takes neither the current nor the previous client secret');
    }

    private function read(string $stage): ?array
    {
        try {
            $answer = $this->secrets->getSecretValue(['SecretId' => $this->secretId, 'VersionStage' => $stage]);
        } catch (\Aws\Exception\AwsException $error) {
            if ($stage === 'AWSPREVIOUS' && $error->getAwsErrorCode() === 'ResourceNotFoundException') {
                return null;
            }
            throw $error;
        }
        $secret = json_decode($answer['SecretString'], true);
        return ['client_id' => $secret[$this->clientIdField], 'client_secret' => $secret[$this->clientSecretField]];
    }

    /** False: LWA does not know this client secret. */
    private function exchange(array $credentials): bool
    {
        $form = ['grant_type' => 'refresh_token', 'refresh_token' => $this->refreshToken] + $credentials;
        $answer = file_get_contents($this->tokenUrl, false, stream_context_create(['http' => [
            'method' => 'POST',
            'header' => 'content-type: application/x-www-form-urlencoded',
            'content' => http_build_query($form),
            'follow_location' => 0,
            'ignore_errors' => true,
            'timeout' => 10,
        ]]));
        $body = json_decode((string) $answer, true);
        if (isset($body['access_token'])) {
            $this->token = $body['access_token'];
            $this->until = microtime(true) + $body['expires_in'] - 60;
            return true;
        }
        $problem = $body['error'] ?? 'without a JSON object';
        if ($problem === 'invalid_client') {
            return false;
        }
        throw new RuntimeException("LWA answers $problem");
    }
}
