<?php
// Runs the PHP consumer: each line of the input is one call of SP-API, or makes it forget everything.

namespace Aws\Exception {
    final class AwsException extends \RuntimeException
    {
        public function __construct(private readonly string $awsErrorCode)
        {
            parent::__construct($awsErrorCode);
        }

        public function getAwsErrorCode(): string
        {
            return $this->awsErrorCode;
        }
    }
}

namespace {
    require __DIR__ . '/../../../examples/consumer/php/AccessTokens.php';

    function request(string $url, array $headers, string $body = '', string $method = 'GET'): array
    {
        $answer = file_get_contents($url, false, stream_context_create(['http' => [
            'method' => $method,
            'header' => $headers,
            'content' => $body,
            'ignore_errors' => true,
        ]]));
        preg_match('/ (\d{3})/', $http_response_header[0], $status);
        return [(int) $status[1], (string) $answer];
    }

    /** What is used of the client in AWS's SDK for PHP, which no Debian package has. The local cloud checks no signature. */
    final class SecretsManagerClient
    {
        public function getSecretValue(array $request): array
        {
            $scope = getenv('AWS_ACCESS_KEY_ID') . '/20260101/' . getenv('AWS_REGION') . '/secretsmanager/aws4_request';
            [$status, $body] = request(getenv('AWS_ENDPOINT_URL'), [
                'content-type: application/x-amz-json-1.1',
                'x-amz-target: secretsmanager.GetSecretValue',
                "authorization: AWS4-HMAC-SHA256 Credential=$scope, SignedHeaders=host, Signature=none",
            ], json_encode($request), 'POST');
            $answer = json_decode($body, true);
            return $status === 200 ? $answer : throw new \Aws\Exception\AwsException($answer['__type']);
        }
    }

    $amazon = getenv('AMAZON');
    $begin = fn () => new AccessTokens(
        new SecretsManagerClient(),
        getenv('SECRET_ID'),
        'Atzr|a',
        "$amazon/token",
        clientIdField: getenv('CLIENT_ID_FIELD'),
        clientSecretField: getenv('CLIENT_SECRET_FIELD'),
    );
    $tokens = $begin();
    while (($line = fgets(STDIN)) !== false) {
        if (trim($line) === 'forget') {
            $tokens = $begin();
        }
        try {
            $answer = $tokens->call(fn (string $token) => request("$amazon/orders", ["x-amz-access-token: $token"]));
            echo $answer[0], "\n";
        } catch (RuntimeException $error) {
            echo $error->getMessage(), "\n";
        }
    }
}
