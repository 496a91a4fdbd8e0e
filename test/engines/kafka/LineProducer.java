// Another program that writes to Kafka: each line of standard input becomes a record of each topic that is named,
// compressed as is said behind its colon, by Apache's own Java client.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

class LineProducer {
  public static void main(String[] args) throws Exception {
    try (var reader = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      List<String> lines = reader.lines().toList();
      for (int n = 1; n < args.length; n++) {
        String[] topic = args[n].split(":");
        Map<String, Object> settings = Map.of("bootstrap.servers", args[0], "compression.type", topic[1], "linger.ms", 20);
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
          for (String line : lines) producer.send(new ProducerRecord<>(topic[0], line));
        }
      }
    }
  }
}
