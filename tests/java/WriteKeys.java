import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.IntegerSerializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.serialization.UUIDSerializer;

/** Writes a message for each line of stdin, "TOPIC TYPE KEY", with Kafka's own serializers and producer. */
public class WriteKeys {
    public static void main(String[] arguments) throws Exception {
        String servers = arguments[0];
        Map<String, Object> settings = Map.of("bootstrap.servers", servers, "enable.idempotence", false);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split(" ", 3);
                byte[] value = line.getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(parts[0], key(parts[1], parts[2]), value)).get();
            }
        }
    }

    private static byte[] key(String type, String text) {
        switch (type) {
            case "text": return new StringSerializer().serialize("", text);
            case "bytes": return HexFormat.of().parseHex(text);
            case "int32": return new IntegerSerializer().serialize("", Integer.valueOf(text));
            case "int64": return new LongSerializer().serialize("", Long.valueOf(text));
            case "uuid": return new UUIDSerializer().serialize("", UUID.fromString(text));
            default: return null;
        }
    }
}
